package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From what is wanted and what is there to the next steps of a build, and of its replicas. Pure.
 */
final class RevisionPlanner {
  /**
   * The replicas of a revision and where more could be.
   *
   * @param wanted how many; 0: as many as there are places
   * @param ready host to pool
   * @param copying host to pool
   * @param failed host to pool
   * @param places host to pool of every host that could hold one now, best first
   * @param alive hosts that can be asked now
   * @param givenUp hosts that have been away longer than a copy may wait
   * @param due hosts whose failed copy may be tried again
   */
  record Replicas(
      int wanted,
      Map<String, String> ready,
      Map<String, String> copying,
      Map<String, String> failed,
      Map<String, String> places,
      Set<String> alive,
      Set<String> givenUp,
      Set<String> due) {}

  private RevisionPlanner() {}

  /**
   * @param loaded the record says what the volume was filled with
   */
  static BuildStep nextOfBuild(boolean loaded, Observation seen) {
    if (!loaded) {
      if (seen.volume().isEmpty()) {
        return new BuildStep.CreateVolume();
      }
      return seen.volumeAttached() ? new BuildStep.Load() : new BuildStep.AttachVolume();
    }
    if (seen.volumeAttached()) {
      return new BuildStep.DetachVolume();
    }
    if (seen.snapshot()) {
      return seen.volume().isPresent() ? new BuildStep.DeleteVolume() : new BuildStep.ReportBuilt();
    }
    return seen.volume().isPresent() ? new BuildStep.CreateSnapshot() : new BuildStep.ReportLost();
  }

  /** All that can be done now, one step per host at most. */
  static List<ReplicaStep> nextOfReplicas(Replicas replicas) {
    List<ReplicaStep> steps = new ArrayList<>();
    Optional<Map.Entry<String, String>> source =
        replicas.ready().entrySet().stream()
            .filter(entry -> replicas.alive().contains(entry.getKey()))
            .findFirst();
    replicas
        .copying()
        .forEach((host, pool) -> continueCopy(replicas, source, host, pool).ifPresent(steps::add));
    if (source.isEmpty()) {
      return steps;
    }
    int target = replicas.wanted() == 0 ? Integer.MAX_VALUE : replicas.wanted();
    int have = replicas.ready().size() + replicas.copying().size();
    for (Map.Entry<String, String> place : replicas.places().entrySet()) {
      String host = place.getKey();
      boolean taken = replicas.ready().containsKey(host) || replicas.copying().containsKey(host);
      boolean resting = replicas.failed().containsKey(host) && !replicas.due().contains(host);
      if (have < target && !taken && !resting) {
        steps.add(new ReplicaStep.Intend(host, place.getValue()));
        have++;
      }
    }
    return steps;
  }

  private static Optional<ReplicaStep> continueCopy(
      Replicas replicas, Optional<Map.Entry<String, String>> source, String host, String pool) {
    if (!replicas.alive().contains(host)) {
      return replicas.givenUp().contains(host)
          ? Optional.of(
              new ReplicaStep.GiveUp(
                  host, pool, "host %s has not been heard of lately".formatted(host)))
          : Optional.empty();
    }
    return source.map(from -> new ReplicaStep.Pull(host, pool, from.getKey(), from.getValue()));
  }
}
