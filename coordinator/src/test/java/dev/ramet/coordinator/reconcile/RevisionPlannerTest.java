package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.reconcile.RevisionPlanner.Replicas;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RevisionPlannerTest {
  private static final VolumeSeen VOLUME = new VolumeSeen("main", "app.1.12345678.build", false);

  private static List<BuildStep> follow(boolean alreadyLoaded, Observation start) {
    List<BuildStep> steps = new ArrayList<>();
    Observation seen = start;
    boolean loaded = alreadyLoaded;
    for (int i = 0; i < 20; i++) {
      BuildStep step = RevisionPlanner.nextOfBuild(loaded, seen);
      steps.add(step);
      switch (step) {
        case BuildStep.CreateVolume _, BuildStep.DetachVolume _ -> seen = seen.withVolume(VOLUME);
        case BuildStep.AttachVolume _ -> seen = seen.withVolume(VOLUME.whenAttached());
        case BuildStep.Load _ -> loaded = true;
        case BuildStep.CreateSnapshot _ -> seen = seen.withSnapshot();
        case BuildStep.DeleteVolume _ -> seen = seen.withoutVolume();
        case BuildStep.ReportBuilt _, BuildStep.ReportLost _ -> {
          return steps;
        }
      }
    }
    throw new AssertionError("no end: " + steps);
  }

  @Test
  void aBuildGoesThroughAllItsSteps() {
    assertThat(follow(false, Observation.NOTHING))
        .containsExactly(
            new BuildStep.CreateVolume(),
            new BuildStep.AttachVolume(),
            new BuildStep.Load(),
            new BuildStep.DetachVolume(),
            new BuildStep.CreateSnapshot(),
            new BuildStep.DeleteVolume(),
            new BuildStep.ReportBuilt());
  }

  @Test
  void aBuildGoesOnFromWhereverItWasCutOff() {
    Observation detached = new Observation(Optional.of(VOLUME), Optional.empty(), false);
    Observation attached =
        new Observation(Optional.of(VOLUME.whenAttached()), Optional.empty(), false);
    Observation taken = new Observation(Optional.of(VOLUME), Optional.empty(), true);
    Observation over = new Observation(Optional.empty(), Optional.empty(), true);
    assertThat(follow(false, detached)).startsWith(new BuildStep.AttachVolume());
    assertThat(follow(false, attached)).startsWith(new BuildStep.Load());
    assertThat(follow(true, attached)).startsWith(new BuildStep.DetachVolume());
    assertThat(follow(true, detached)).startsWith(new BuildStep.CreateSnapshot());
    assertThat(follow(true, taken)).startsWith(new BuildStep.DeleteVolume());
    assertThat(follow(true, over)).containsExactly(new BuildStep.ReportBuilt());
  }

  @Test
  void aLoadedVolumeThatWentAwayIsReported() {
    assertThat(follow(true, Observation.NOTHING)).containsExactly(new BuildStep.ReportLost());
  }

  private static Map<String, String> in(String... hosts) {
    Map<String, String> places = new LinkedHashMap<>();
    for (String host : hosts) {
      places.put(host, "main");
    }
    return places;
  }

  @Test
  void everyPlaceGetsACopyWhereNoNumberWasAskedFor() {
    Replicas replicas =
        new Replicas(
            0, in("a"), in(), in(), in("a", "b", "c"), Set.of("a", "b", "c"), Set.of(), Set.of());
    assertThat(RevisionPlanner.nextOfReplicas(replicas))
        .containsExactly(new ReplicaStep.Intend("b", "main"), new ReplicaStep.Intend("c", "main"));
  }

  @Test
  void noMoreCopiesThanAskedFor() {
    Replicas replicas =
        new Replicas(
            2, in("a"), in(), in(), in("a", "b", "c"), Set.of("a", "b", "c"), Set.of(), Set.of());
    assertThat(RevisionPlanner.nextOfReplicas(replicas))
        .containsExactly(new ReplicaStep.Intend("b", "main"));
  }

  @Test
  void aCopyIsPulledFromALiveHost() {
    Replicas replicas =
        new Replicas(
            0,
            in("a", "b"),
            in("c"),
            in(),
            in("a", "b", "c"),
            Set.of("b", "c"),
            Set.of(),
            Set.of());
    assertThat(RevisionPlanner.nextOfReplicas(replicas))
        .containsExactly(new ReplicaStep.Pull("c", "main", "b", "main"));
  }

  @Test
  void aCopyOnALostHostIsGivenUpInTheEnd() {
    Replicas away =
        new Replicas(0, in("a"), in("b"), in(), in("a"), Set.of("a"), Set.of(), Set.of());
    assertThat(RevisionPlanner.nextOfReplicas(away)).isEmpty();
    Replicas lost =
        new Replicas(0, in("a"), in("b"), in(), in("a"), Set.of("a"), Set.of("b"), Set.of());
    assertThat(RevisionPlanner.nextOfReplicas(lost))
        .hasOnlyElementsOfType(ReplicaStep.GiveUp.class);
  }

  @Test
  void aFailedCopyIsTriedAgainWhenItIsDue() {
    Replicas resting =
        new Replicas(0, in("a"), in(), in("b"), in("a", "b"), Set.of("a", "b"), Set.of(), Set.of());
    assertThat(RevisionPlanner.nextOfReplicas(resting)).isEmpty();
    Replicas due =
        new Replicas(
            0, in("a"), in(), in("b"), in("a", "b"), Set.of("a", "b"), Set.of(), Set.of("b"));
    assertThat(RevisionPlanner.nextOfReplicas(due))
        .containsExactly(new ReplicaStep.Intend("b", "main"));
  }
}
