package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.store.View;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What removing things on hosts would free, as far as their hosts say so in time. */
final class OwnBytes {
  /** More on one host are not asked about: each costs a walk over its extents. */
  private static final int ASKED = 50;

  /** Somebody waits for the answer: what is known by then is told. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Agents agents;

  OwnBytes(Agents agents) {
    this.agents = agents;
  }

  /** Something in a pool of a host. */
  sealed interface Thing {
    String host();

    String pool();
  }

  record Volume(String host, String pool, String id) implements Thing {}

  record Snapshot(String host, String pool, String id) implements Thing {}

  /**
   * Those of the things, the first ones of many on a host, that their hosts could tell; the others
   * are unknown. All hosts are asked at once.
   */
  Map<Thing, Long> of(View view, Collection<Thing> things) {
    Map<String, Optional<Agent>> hosts = new HashMap<>();
    Map<Thing, Long> own = new ConcurrentHashMap<>();
    List<Thing> asked =
        things.stream().distinct().collect(Collectors.groupingBy(Thing::host)).values().stream()
            .flatMap(ofHost -> ofHost.stream().limit(ASKED))
            .toList();
    CountDownLatch left = new CountDownLatch(asked.size());
    for (Thing thing : asked) {
      hosts
          .computeIfAbsent(thing.host(), host -> agents.find(view, host, PATIENCE))
          .ifPresentOrElse(
              agent -> Thread.startVirtualThread(() -> ask(agent, thing, own, left)),
              left::countDown);
    }
    try {
      boolean _ = left.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return Map.copyOf(own);
  }

  private static void ask(Agent agent, Thing thing, Map<Thing, Long> own, CountDownLatch left) {
    try {
      own.put(thing, ask(agent, thing));
    } catch (AgentException unknown) {
      // One that cannot be asked about now is left out.
      return;
    } finally {
      left.countDown();
    }
  }

  private static long ask(Agent agent, Thing thing) {
    return switch (thing) {
      case Volume volume -> agent.ownBytes(volume.pool(), volume.id());
      case Snapshot snapshot -> agent.ownBytesOfSnapshot(snapshot.pool(), snapshot.id());
    };
  }
}
