package dev.ramet.agent.exec;

import com.sun.jna.Library;
import com.sun.jna.Native;

/** Signals that servers and tools are told to end by; the numbers are Linux's. */
public enum Signal {
  /** Ask, quick. */
  SIGINT(2),
  /** Ask. */
  SIGTERM(15),
  /** Go on. */
  SIGCONT(18),
  /** Hold still. */
  SIGSTOP(19),
  /** End. */
  SIGKILL(9);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  /** Sends it; nothing happens where the process is gone. */
  public void send(long pid) {
    if (pid > 1) {
      C.LIBRARY.kill((int) pid, number);
    }
  }

  /** The C library's {@code kill(2)}. */
  interface C extends Library {
    /** Loaded on first use. */
    C LIBRARY = Native.load("c", C.class);

    /** See kill(2). */
    int kill(int pid, int signal);
  }
}
