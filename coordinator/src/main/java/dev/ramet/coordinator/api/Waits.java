package dev.ramet.coordinator.api;

import com.google.protobuf.Message;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Versioned;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits until a record is as somebody wants it. */
final class Waits {
  private Waits() {}

  /**
   * The record when it is so, or as it is when the time is over or the thread is interrupted.
   *
   * @param enough asked at each change, of no record too
   */
  static <T extends Message> Optional<Versioned<T>> until(
      Records records, Key<T> key, Predicate<Optional<Versioned<T>>> enough, Duration within) {
    Informer informer = records.informer();
    long end = System.nanoTime() + within.toNanos();
    try {
      while (!enough.test(informer.view().get(key)) && System.nanoTime() < end) {
        follow(informer, key, enough, end);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return informer.view().get(key);
  }

  /** Until it is so, or the time is over, or the subscription breaks. */
  private static <T extends Message> void follow(
      Informer informer, Key<T> key, Predicate<Optional<Versioned<T>>> enough, long end)
      throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    Runnable look =
        () -> {
          if (enough.test(informer.view().get(key))) {
            over.countDown();
          }
        };
    try (Informer.Subscription _ =
        informer.subscribe(key::equals, _ -> look.run(), over::countDown)) {
      look.run();
      boolean _ = over.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }
}
