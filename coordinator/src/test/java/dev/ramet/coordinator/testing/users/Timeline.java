package dev.ramet.coordinator.testing.users;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** What happened, in order, for the message of a failure. Thread-safe. */
public final class Timeline {
  private static final int MOST = 600;

  private final long begin = System.nanoTime();
  private final Deque<String> lines = new ArrayDeque<>();

  /** Something that may fail. */
  public interface Run {
    void run() throws Exception;
  }

  /** A failure tells the seed that leads to it, and what happened before. */
  public void follow(long seed, Run run) {
    try {
      run.run();
    } catch (Exception | AssertionError failure) {
      throw new AssertionError(
          "seed %d: %s%n%s".formatted(seed, failure.getMessage(), this), failure);
    }
  }

  public synchronized void tell(String who, String what) {
    lines.add(
        String.format(
            Locale.ROOT, "%9.3f  %-12s %s", (System.nanoTime() - begin) / 1e9, who, what));
    if (lines.size() > MOST) {
      lines.removeFirst();
    }
  }

  /** The last few hundred lines: seconds from the begin, who, what. */
  @Override
  public synchronized String toString() {
    return String.join("\n", lines);
  }
}
