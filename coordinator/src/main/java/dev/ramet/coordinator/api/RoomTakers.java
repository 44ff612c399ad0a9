package dev.ramet.coordinator.api;

import dev.ramet.coordinator.placement.Candidate;
import dev.ramet.coordinator.placement.CloneRequest;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.Refusal;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which clones hold most of a pool that has no room for another. */
final class RoomTakers {
  private static final int NAMED = 3;

  private final OwnBytes own;

  RoomTakers(OwnBytes own) {
    this.own = own;
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
    List<CloneRecord> clones =
        view.list(Kind.CLONE).stream()
            .map(Versioned::value)
            .filter(clone -> clone.getAssignment().getHost().equals(host))
            .filter(clone -> clone.getAssignment().getPool().equals(pool))
            .filter(CloneRecords::isLive)
            .toList();
    Map<OwnBytes.Thing, Long> known =
        own.of(view, clones.stream().map(RoomTakers::volume).toList());
    Map<String, Long> named = new HashMap<>();
    clones.stream()
        .filter(clone -> known.containsKey(volume(clone)))
        .forEach(clone -> named.merge(shown(clone), known.get(volume(clone)), Long::sum));
    return named;
  }

  private static OwnBytes.Thing volume(CloneRecord clone) {
    CloneAssignment place = clone.getAssignment();
    return new OwnBytes.Volume(place.getHost(), place.getPool(), place.getVolume());
  }

  /** Warm clones have no names that users know. */
  private static String shown(CloneRecord clone) {
    return CloneRecords.isWarm(clone)
        ? "warm clones of " + clone.getAssignment().getImage()
        : clone.getMeta().getName();
  }
}
