package dev.ramet.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Waits with an end. */
final class Eventually {
  private Eventually() {}

  /** Asks again and again; an exception counts as "not yet", an assertion error ends it. */
  static void holds(String what, Duration timeout, Callable<Boolean> condition) {
    long end = System.nanoTime() + timeout.toNanos();
    @Nullable Exception last = null;
    do {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (Exception e) {
        last = e;
      }
      pause(Duration.ofMillis(50));
    } while (System.nanoTime() < end);
    throw new AssertionError("not within " + timeout.toSeconds() + " s: " + what, last);
  }

  static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
