package dev.ramet.coordinator.store;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Growing pauses with jitter, so that writers which collided do not collide again. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(5);
  private static final Duration LONGEST = Duration.ofMillis(400);

  private long nanos = FIRST.toNanos();

  /**
   * Sleeps. False, at once, where the pause would not end before the deadline, or when interrupted.
   */
  boolean sleepUntil(long deadlineNanos) {
    long pause = next();
    if (deadlineNanos - System.nanoTime() <= pause) {
      return false;
    }
    try {
      Thread.sleep(Duration.ofNanos(pause));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The next pause: between the half and the whole of a bound that doubles. */
  long next() {
    long bound = nanos;
    nanos = Math.min(bound * 2, LONGEST.toNanos());
    return ThreadLocalRandom.current().nextLong(bound / 2, bound + 1);
  }

  boolean isUnused() {
    return nanos == FIRST.toNanos();
  }
}
