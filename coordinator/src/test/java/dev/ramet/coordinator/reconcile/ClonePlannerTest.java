package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.InstanceSeen.Condition;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.reconcile.CloneProgress.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClonePlannerTest {
  private static final VolumeSeen DETACHED = new VolumeSeen("main", "a.12345678", false);
  private static final VolumeSeen ATTACHED = DETACHED.whenAttached();

  private static InstanceSeen instance(Condition condition) {
    return new InstanceSeen("a.12345678", condition, "", List.of());
  }

  /** Every state that a host can be in. */
  private static List<Observation> everything() {
    List<Observation> all = new ArrayList<>();
    for (Optional<VolumeSeen> volume :
        List.of(Optional.<VolumeSeen>empty(), Optional.of(DETACHED), Optional.of(ATTACHED))) {
      all.add(new Observation(volume, Optional.empty(), false));
      for (Condition condition : Condition.values()) {
        all.add(new Observation(volume, Optional.of(instance(condition)), false));
      }
    }
    return all;
  }

  /** Carries the plan out on an imagined host, and returns its steps. */
  private static List<CloneStep> follow(CloneGoal goal, CloneState state, Observation start) {
    return follow(goal, state, start, false);
  }

  private static List<CloneStep> follow(
      CloneGoal goal, CloneState state, Observation start, boolean again) {
    List<CloneStep> steps = new ArrayList<>();
    Observation seen = start;
    CloneProgress progress = CloneProgress.begin(again);
    CloneState now = state;
    for (int i = 0; i < 20; i++) {
      CloneStep step = ClonePlanner.next(goal, now, seen, progress);
      steps.add(step);
      switch (step) {
        case CloneStep.CloneVolume _ -> seen = seen.withVolume(DETACHED);
        case CloneStep.AttachVolume _ -> {
          seen = seen.withVolume(ATTACHED);
          progress = progress.with(Part.ATTACHED);
        }
        case CloneStep.StartInstance _ -> {
          seen = seen.withInstance(instance(Condition.RUNNING));
          progress = progress.with(Part.STARTED);
        }
        case CloneStep.DeleteInstance _ -> {
          seen = seen.withoutInstance();
          progress = progress.with(Part.STOPPED);
        }
        case CloneStep.FreezeInstance _ -> seen = seen.with(Condition.FROZEN);
        case CloneStep.ThawInstance _ -> seen = seen.with(Condition.RUNNING);
        case CloneStep.DetachVolume _ -> {
          seen = seen.withVolume(DETACHED);
          progress = progress.with(Part.DETACHED);
        }
        case CloneStep.DeleteVolume _ -> {
          seen = seen.withoutVolume();
          progress = progress.with(Part.DELETED);
        }
        case CloneStep.ReportDown _ -> now = CloneState.RECOVERING;
        case CloneStep.ReportUp _,
            CloneStep.ReportTornDown _,
            CloneStep.ReportStopped _,
            CloneStep.SwitchData _,
            CloneStep.ReportDataLost _,
            CloneStep.Settled _ -> {
          return steps;
        }
      }
    }
    throw new AssertionError("no end: " + steps);
  }

  @Test
  void whateverIsThereAlreadyACloneGetsMade() {
    for (Observation start : everything()) {
      List<CloneStep> steps = follow(CloneGoal.MAKE, CloneState.PENDING, start);
      assertThat(steps.getLast()).as("%s", start).isEqualTo(new CloneStep.ReportUp());
      assertThat(steps)
          .as("a start is confirmed even where one is seen")
          .contains(new CloneStep.StartInstance());
    }
  }

  @Test
  void everyStartComesAfterAnAttachThatIsConfirmed() {
    for (CloneState state : List.of(CloneState.PENDING, CloneState.RECOVERING, CloneState.BROKEN)) {
      for (Observation start : everything()) {
        for (boolean again : new boolean[] {false, true}) {
          List<CloneStep> steps = follow(CloneGoal.of(state, true, true), state, start, again);
          assertThat(steps.indexOf(new CloneStep.AttachVolume()))
              .as("%s %s", state, start)
              .isLessThanOrEqualTo(steps.indexOf(new CloneStep.StartInstance()));
        }
      }
    }
  }

  @Test
  void aStoppedCloneHasNeitherInstanceNorAttachment() {
    for (Observation start : everything()) {
      List<CloneStep> steps = follow(CloneGoal.KEEP_DOWN, CloneState.STOPPED, start);
      assertThat(steps.getLast()).as("%s", start).isEqualTo(new CloneStep.ReportStopped());
      assertThat(steps.contains(new CloneStep.DetachVolume()))
          .as("%s", start)
          .isEqualTo(start.volumeAttached());
      assertThat(steps.contains(new CloneStep.DeleteInstance()))
          .as("%s", start)
          .isEqualTo(start.instance().isPresent() || start.volumeAttached());
      assertThat(steps).doesNotContain(new CloneStep.DeleteVolume());
    }
  }

  /** A mount point without a mount, after a lost power, is not seen and has to go. */
  @Test
  void whatIsTakenDownIsTakenDownWhateverIsSeen() {
    for (Observation start : everything()) {
      assertThat(follow(CloneGoal.of(CloneState.STOPPED, false, true), CloneState.STOPPED, start))
          .containsExactly(
              new CloneStep.DeleteInstance(),
              new CloneStep.DetachVolume(),
              new CloneStep.ReportStopped());
    }
  }

  @Test
  void afterAFailureTheVolumeOfWhatDoesNotRunIsMountedAnew() {
    Observation dead =
        new Observation(Optional.of(ATTACHED), Optional.of(instance(Condition.DEAD)), false);
    assertThat(follow(CloneGoal.KEEP_UP, CloneState.RECOVERING, dead, true))
        .containsExactly(
            new CloneStep.DeleteInstance(),
            new CloneStep.DetachVolume(),
            new CloneStep.AttachVolume(),
            new CloneStep.StartInstance(),
            new CloneStep.ReportUp());
  }

  @Test
  void whatIsAliveIsNeitherStoppedNorUnmounted() {
    for (Condition alive : List.of(Condition.STARTING, Condition.RUNNING)) {
      Observation seen =
          new Observation(Optional.of(ATTACHED), Optional.of(instance(alive)), false);
      assertThat(follow(CloneGoal.KEEP_UP, CloneState.BROKEN, seen, true))
          .containsExactly(
              new CloneStep.AttachVolume(),
              new CloneStep.StartInstance(),
              new CloneStep.ReportUp());
    }
  }

  @Test
  void whateverIsThereEverythingIsRemoved() {
    for (Observation start : everything()) {
      assertThat(follow(CloneGoal.REMOVE, CloneState.DELETING, start))
          .containsExactly(
              new CloneStep.DeleteInstance(),
              new CloneStep.DetachVolume(),
              new CloneStep.DeleteVolume(),
              new CloneStep.ReportTornDown());
    }
  }

  @Test
  void aCloneThatWasReadyIsNeverMadeAnewNorRemoved() {
    for (CloneState state : List.of(CloneState.READY, CloneState.RECOVERING)) {
      for (Observation start : everything()) {
        assertThat(follow(CloneGoal.KEEP_UP, state, start, true))
            .doesNotContain(new CloneStep.CloneVolume(), new CloneStep.DeleteVolume());
        assertThat(follow(CloneGoal.KEEP_UP, state, start))
            .doesNotContain(
                new CloneStep.CloneVolume(),
                new CloneStep.DeleteVolume(),
                new CloneStep.DetachVolume());
      }
    }
  }

  @Test
  void aReadyCloneThatRunsIsLeftAlone() {
    Observation running =
        new Observation(Optional.of(ATTACHED), Optional.of(instance(Condition.RUNNING)), false);
    assertThat(follow(CloneGoal.KEEP_UP, CloneState.READY, running))
        .containsExactly(new CloneStep.Settled());
  }

  @Test
  void aCloneOverItsCapIsFrozenAndNeverStarted() {
    for (Observation start : everything()) {
      List<CloneStep> steps = follow(CloneGoal.KEEP_FROZEN, CloneState.OVER_CAP, start);
      boolean goesOn =
          start
              .instance()
              .map(InstanceSeen::condition)
              .filter(found -> found == Condition.RUNNING || found == Condition.STARTING)
              .isPresent();
      assertThat(steps.contains(new CloneStep.FreezeInstance()))
          .as("%s", start)
          .isEqualTo(goesOn && start.volume().isPresent());
      assertThat(steps)
          .doesNotContain(
              new CloneStep.StartInstance(),
              new CloneStep.ThawInstance(),
              new CloneStep.CloneVolume(),
              new CloneStep.DetachVolume());
    }
  }

  @Test
  void aCloneThatMayGrowMoreComesUpWhateverBecameOfItsInstance() {
    for (Observation start : everything()) {
      List<CloneStep> steps = follow(CloneGoal.KEEP_UP, CloneState.OVER_CAP, start);
      assertThat(steps.getLast())
          .as("%s", start)
          .isEqualTo(
              start.volume().isPresent()
                  ? new CloneStep.ReportUp()
                  : new CloneStep.ReportDataLost());
      assertThat(steps).doesNotContain(new CloneStep.CloneVolume());
    }
  }

  @Test
  void aReadyCloneThatIsFoundFrozenIsThawed() {
    Observation frozen =
        new Observation(Optional.of(ATTACHED), Optional.of(instance(Condition.FROZEN)), false);
    assertThat(follow(CloneGoal.KEEP_UP, CloneState.READY, frozen))
        .containsExactly(new CloneStep.ThawInstance(), new CloneStep.Settled());
  }

  @Test
  void afterARebootItIsAttachedAndStartedAgain() {
    Observation rebooted = new Observation(Optional.of(DETACHED), Optional.empty(), false);
    assertThat(follow(CloneGoal.KEEP_UP, CloneState.READY, rebooted))
        .containsExactly(
            new CloneStep.ReportDown(),
            new CloneStep.AttachVolume(),
            new CloneStep.StartInstance(),
            new CloneStep.ReportUp());
  }

  @Test
  void aMissingVolumeIsReportedAndNothingIsDone() {
    assertThat(follow(CloneGoal.KEEP_UP, CloneState.READY, Observation.NOTHING))
        .containsExactly(new CloneStep.ReportDataLost());
  }

  @Test
  void aBrokenCloneIsBroughtUpWheneverItsVolumeIsThere() {
    for (Observation start : everything()) {
      CloneStep end =
          follow(CloneGoal.of(CloneState.BROKEN, true, true), CloneState.BROKEN, start, true)
              .getLast();
      assertThat(end)
          .as("%s", start)
          .isEqualTo(
              start.volume().isPresent()
                  ? new CloneStep.ReportUp()
                  : new CloneStep.ReportDataLost());
    }
  }

  @Test
  void aFailedCloneThatHoldsItsPortIsStillRemoved() {
    assertThat(CloneGoal.of(CloneState.FAILED, true, true)).isEqualTo(CloneGoal.REMOVE);
    assertThat(CloneGoal.of(CloneState.FAILED, true, false)).isEqualTo(CloneGoal.NOTHING);
  }
}
