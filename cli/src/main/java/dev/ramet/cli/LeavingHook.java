package dev.ramet.cli;

import java.time.Duration;

/** What is done where the process is asked to end (Ctrl-C) before this is closed. */
final class LeavingHook implements AutoCloseable {
  private final Thread thread;

  private LeavingHook(Thread thread) {
    this.thread = thread;
  }

  /** {@code lastWord} must end the process itself, by halting it. */
  static LeavingHook of(Runnable lastWord) {
    Thread thread = new Thread(lastWord, "leaving");
    Runtime.getRuntime().addShutdownHook(thread);
    return new LeavingHook(thread);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException e) {
      letItSpeak(); // the process is ending: nothing else is to be said
    }
  }

  private static void letItSpeak() {
    try {
      Thread.sleep(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
