package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.placement.Candidate;
import dev.ramet.coordinator.placement.CloneRequest;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.Refusal;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Which clones hold most of a pool that has no room for another. */
final class RoomTakers {
  private static final int NAMED = 3;

  /** More are not asked about: each costs a walk over its extents. */
  private static final int ASKED = 50;

  /** Somebody waits for the refusal: what is known by then is told. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Agents agents;

  RoomTakers(Agents agents) {
    this.agents = agents;
  }

  /** The rejection, with the names of the clones that hold most where a pool has no room. */
  Decision.Rejected named(View view, CloneRequest request, Decision.Rejected rejected) {
    List<Candidate> table = new ArrayList<>();
    for (Candidate candidate : rejected.table()) {
      boolean full =
          candidate.refusal().filter(why -> why.reason() == Refusal.Reason.NO_ROOM).isPresent();
      table.add(full ? named(view, request, candidate) : candidate);
    }
    return new Decision.Rejected(List.copyOf(table));
  }

  private Candidate named(View view, CloneRequest request, Candidate candidate) {
    String pool = request.replicas().getOrDefault(candidate.host(), "");
    String most =
        ownBytes(view, candidate.host(), pool).entrySet().stream()
            .filter(clone -> clone.getValue() > 0)
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .limit(NAMED)
            .map(clone -> "%s (%s)".formatted(clone.getKey(), Growths.size(clone.getValue())))
            .collect(Collectors.joining(", "));
    Optional<Refusal> refusal =
        candidate
            .refusal()
            .map(why ->
                most.isEmpty()
                    ? why
                    : new Refusal(
                        why.reason(), "%s; clones hold most: %s".formatted(why.words(), most)));
    return new Candidate(
        candidate.host(), candidate.chosen(), candidate.score(), candidate.scores(), refusal);
  }

  /**
   * Bytes that removing clones would free, by what users call them, as far as its host says so in
   * time.
   */
  private Map<String, Long> ownBytes(View view, String host, String pool) {
    Optional<Agent> agent = agents.find(view, host);
    List<CloneRecord> clones =
        view.list(Kind.CLONE).stream()
            .map(Versioned::value)
            .filter(clone -> clone.getAssignment().getHost().equals(host))
            .filter(clone -> clone.getAssignment().getPool().equals(pool))
            .filter(CloneRecords::isLive)
            .limit(ASKED)
            .toList();
    Map<String, Long> own = new ConcurrentHashMap<>();
    if (agent.isEmpty()) {
      return own;
    }
    CountDownLatch left = new CountDownLatch(clones.size());
    for (CloneRecord clone : clones) {
      Thread.startVirtualThread(() -> {
        try {
          own.merge(
              shown(clone),
              agent.get().ownBytes(pool, clone.getAssignment().getVolume()),
              Long::sum);
        } catch (AgentException unknown) {
          // One that cannot be asked about now is not named.
          return;
        } finally {
          left.countDown();
        }
      });
    }
    try {
      boolean _ = left.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return Map.copyOf(own);
  }

  /** Warm clones have no names that users know. */
  private static String shown(CloneRecord clone) {
    return CloneRecords.isWarm(clone)
        ? "warm clones of " + clone.getAssignment().getImage()
        : clone.getMeta().getName();
  }
}
