package dev.ramet.agent.report;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait after so many failures in a row: doubling, with jitter, up to a limit. */
final class Backoff {
  private static final int DOUBLINGS = 5;

  private final Duration first;
  private final RandomGenerator random;

  Backoff(Duration first, RandomGenerator random) {
    this.first = first;
    this.random = random;
  }

  /**
   * The wait.
   *
   * @param failures 1 after the first
   */
  Duration after(int failures) {
    long full = first.toMillis() << Math.min(failures - 1, DOUBLINGS);
    return Duration.ofMillis(full / 2 + random.nextLong(full / 2 + 1));
  }
}
