package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.store.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * What a leader remembers of failed attempts, key by key. In memory only: a new leader begins
 * again, which costs time and nothing else.
 */
final class Retries {
  private static final Duration SOON = Duration.ofMillis(100);
  private static final int MAX_DOUBLINGS = 16;

  /** More often than this, getting further after a failure is no sign that it will get done. */
  private static final int MAX_COMEBACKS = 10;

  /**
   * Failed attempts without any progress between them, and since when.
   *
   * @param refusals those of them that were refused for good; not the ones that may pass
   * @param comebacks how often it got further after a failure, and failed again
   */
  record Trouble(int attempts, int refusals, Instant since, int comebacks) {}

  private final Map<Key<?>, Trouble> troubles = new ConcurrentHashMap<>();
  private final RandomGenerator random;

  Retries(RandomGenerator random) {
    this.random = random;
  }

  /** Whoever was asked was not there, or did not get far: another attempt may work. */
  Trouble failed(Key<?> key, Instant now) {
    return count(key, new Trouble(1, 0, now, 0));
  }

  /** Whoever was asked looked at it and said no. */
  Trouble refused(Key<?> key, Instant now) {
    return count(key, new Trouble(1, 1, now, 0));
  }

  private Trouble count(Key<?> key, Trouble first) {
    return troubles.merge(
        key,
        first,
        (before, _) ->
            new Trouble(
                before.attempts() + 1,
                before.refusals() + first.refusals(),
                before.attempts() == 0 ? first.since() : before.since(),
                before.comebacks()));
  }

  /** There was a failure since it last went well. */
  boolean hasFailed(Key<?> key) {
    return troubles.containsKey(key);
  }

  /**
   * It got further: what failed before is over, and patience begins anew with the next failure. Not
   * for ever: what fails again and again at the same place gets as far as that each time.
   */
  void progressed(Key<?> key) {
    troubles.computeIfPresent(
        key,
        (_, before) -> {
          boolean over = before.attempts() == 0 || before.comebacks() == MAX_COMEBACKS;
          return over ? before : new Trouble(0, 0, before.since(), before.comebacks() + 1);
        });
  }

  void succeeded(Key<?> key) {
    troubles.remove(key);
  }

  /** As {@link #backoff(Trouble, Duration, Duration)}, beginning soon. */
  Duration backoff(Trouble trouble, Duration cap) {
    return backoff(trouble, SOON, cap);
  }

  /** Doubles with each attempt up to the cap; between half and the whole of that, by chance. */
  Duration backoff(Trouble trouble, Duration first, Duration cap) {
    return backoff(trouble.attempts(), first, cap);
  }

  /** As {@link #backoff(Trouble, Duration, Duration)}, after so many failed attempts. */
  Duration backoff(int attempts, Duration first, Duration cap) {
    int doublings = Math.min(attempts - 1, MAX_DOUBLINGS);
    long whole = Math.min(first.toMillis() << doublings, cap.toMillis());
    return Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
  }
}
