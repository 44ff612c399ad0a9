package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.store.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a leader remembers of instances that were up and died: one that comes up and dies again and
 * again is started ever later. In memory only, as {@link Retries}.
 */
final class Deaths {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** One that lived for so long is well again. */
  private static final Duration WELL = Duration.ofMinutes(5);

  private static final int MAX_DOUBLINGS = 10;

  private record Death(Instant last, int count) {}

  private final Map<Key<?>, Death> deaths = new ConcurrentHashMap<>();

  /** It died now: how long it is to rest; zero where it had not died lately. */
  Duration died(Key<?> key, Instant now) {
    Death death =
        deaths.merge(
            key,
            new Death(now, 1),
            (before, first) ->
                before.last().plus(WELL).isBefore(now)
                    ? first
                    : new Death(now, before.count() + 1));
    if (death.count() == 1) {
      return Duration.ZERO;
    }
    Duration rest = FIRST.multipliedBy(1L << Math.min(death.count() - 2, MAX_DOUBLINGS));
    return rest.compareTo(LONGEST) < 0 ? rest : LONGEST;
  }

  void forget(Key<?> key) {
    deaths.remove(key);
  }
}
