package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Since when hosts have been away, as far as this leader knows. */
final class HostWatch {
  private final Map<String, Instant> awaySince = new ConcurrentHashMap<>();
  private final InstantSource clock;

  HostWatch(InstantSource clock) {
    this.clock = clock;
  }

  boolean isAlive(View view, String host) {
    if (HostViews.alive(view, host).isPresent()) {
      awaySince.remove(host);
      return true;
    }
    awaySince.putIfAbsent(host, clock.instant());
    return false;
  }

  /** How long the host has been away; zero where it was not seen to be. */
  Duration awayFor(String host) {
    Instant since = awaySince.get(host);
    return since == null ? Duration.ZERO : Duration.between(since, clock.instant());
  }
}
