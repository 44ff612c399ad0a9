package dev.ramet.agent.runtime;

import dev.ramet.agent.exec.Signal;

/** A tool that was started. */
public interface RunningTool extends AutoCloseable {
  /** Whether it still runs. */
  boolean alive();

  /** Sends a signal; nothing where it has ended. */
  void signal(Signal signal);

  /** Waits for its end, and until all its output was told; its exit code. */
  int await() throws InterruptedException;

  /** Kills it where it still runs, and removes all traces. Can be repeated. */
  @Override
  void close();
}
