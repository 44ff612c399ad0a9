package dev.ramet.storage.linux;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits, bounded, for what the kernel does soon but does not announce. */
public final class Waits {
  private static final long FIRST_PAUSE = Duration.ofMillis(1).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofMillis(50).toNanos();

  private Waits() {}

  /** A look at the kernel's state. */
  @FunctionalInterface
  public interface Condition<E extends Exception> {
    boolean holds() throws E;
  }

  /** Looks at once, then with growing pauses; false where it does not hold at the end. */
  public static <E extends Exception> boolean until(Condition<E> condition, Duration atMost)
      throws E {
    long end = System.nanoTime() + atMost.toNanos();
    long pause = FIRST_PAUSE;
    while (!condition.holds()) {
      if (System.nanoTime() >= end || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    return true;
  }
}
