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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which clones hold most of a pool that has no room for another. */
final class RoomTakers {
  private static final int NAMED = 3;

  private final OwnBytes own;

  RoomTakers(OwnBytes own) {
    this.own = own;
  }

  /** The rejection, with the names of the clones that hold most where a pool has no room. */
  Decision.Rejected named(View view, CloneRequest request, Decision.Rejected rejected) {
    Map<OwnBytes.Thing, CloneRecord> clones = new LinkedHashMap<>();
    rejected.table().stream()
        .filter(RoomTakers::isFull)
        .flatMap(full -> clonesOn(view, full.host(), pool(request, full)))
        .forEach(clone -> clones.put(volume(clone), clone));
    Map<OwnBytes.Thing, Long> known = own.of(view, clones.keySet());
    List<Candidate> table = new ArrayList<>();
    for (Candidate candidate : rejected.table()) {
      Map<String, Long> held = new HashMap<>();
      clones.forEach((volume, clone) -> {
        Long bytes = known.get(volume);
        if (bytes != null && volume.host().equals(candidate.host())) {
          held.merge(shown(clone), bytes, Long::sum);
        }
      });
      table.add(named(candidate, held));
    }
    return new Decision.Rejected(List.copyOf(table));
  }

  private static boolean isFull(Candidate candidate) {
    return candidate.refusal().filter(why -> why.reason() == Refusal.Reason.NO_ROOM).isPresent();
  }

  private static String pool(CloneRequest request, Candidate candidate) {
    return request.replicas().getOrDefault(candidate.host(), "");
  }

  /**
   * With what holds most.
   *
   * @param held bytes that removing clones would free, by what users call them; empty: not known,
   *     or nothing
   */
  private static Candidate named(Candidate candidate, Map<String, Long> held) {
    String most =
        held.entrySet().stream()
            .filter(clone -> clone.getValue() > 0)
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .limit(NAMED)
            .map(clone -> "%s (%s)".formatted(clone.getKey(), Growths.size(clone.getValue())))
            .collect(Collectors.joining(", "));
    if (most.isEmpty()) {
      return candidate;
    }
    Optional<Refusal> refusal =
        candidate
            .refusal()
            .map(why ->
                new Refusal(why.reason(), "%s; clones hold most: %s".formatted(why.words(), most)));
    return new Candidate(
        candidate.host(), candidate.chosen(), candidate.score(), candidate.scores(), refusal);
  }

  private static Stream<CloneRecord> clonesOn(View view, String host, String pool) {
    return view.list(Kind.CLONE).stream()
        .map(Versioned::value)
        .filter(clone -> clone.getAssignment().getHost().equals(host))
        .filter(clone -> clone.getAssignment().getPool().equals(pool))
        .filter(CloneRecords::isLive);
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
