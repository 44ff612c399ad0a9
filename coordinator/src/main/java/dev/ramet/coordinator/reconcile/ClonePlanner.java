package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.InstanceSeen.Condition;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.lifecycle.CloneState;

/** From what is wanted and what is there to the one next step. Pure. */
final class ClonePlanner {
  private ClonePlanner() {}

  static CloneStep next(
      CloneGoal goal, CloneState state, Observation seen, CloneProgress progress) {
    return switch (goal) {
      case MAKE -> make(seen, progress);
      case KEEP_UP -> state == CloneState.READY ? watchOver(seen) : recover(seen, progress);
      case WATCH ->
          runs(seen) && seen.volumeAttached() ? new CloneStep.ReportUp() : new CloneStep.Settled();
      case REMOVE -> remove(progress);
      case NOTHING -> new CloneStep.Settled();
    };
  }

  private static CloneStep make(Observation seen, CloneProgress progress) {
    if (seen.volume().isEmpty()) {
      return new CloneStep.CloneVolume();
    }
    return bringUp(seen, progress);
  }

  private static CloneStep watchOver(Observation seen) {
    if (seen.volume().isEmpty()) {
      return new CloneStep.ReportDataLost();
    }
    return runs(seen) ? new CloneStep.Settled() : new CloneStep.ReportDown();
  }

  private static CloneStep recover(Observation seen, CloneProgress progress) {
    if (seen.volume().isEmpty()) {
      return new CloneStep.ReportDataLost();
    }
    return bringUp(seen, progress);
  }

  private static CloneStep bringUp(Observation seen, CloneProgress progress) {
    if (!seen.volumeAttached()) {
      return new CloneStep.AttachVolume();
    }
    if (progress.started()) {
      return new CloneStep.ReportUp();
    }
    boolean dead =
        seen.instance().map(instance -> instance.condition() == Condition.DEAD).orElse(false);
    return dead ? new CloneStep.DeleteInstance() : new CloneStep.StartInstance();
  }

  private static CloneStep remove(CloneProgress progress) {
    if (!progress.stopped()) {
      return new CloneStep.DeleteInstance();
    }
    if (!progress.detached()) {
      return new CloneStep.DetachVolume();
    }
    return progress.deleted() ? new CloneStep.ReportTornDown() : new CloneStep.DeleteVolume();
  }

  private static boolean runs(Observation seen) {
    return seen.instance().map(instance -> instance.condition() == Condition.RUNNING).orElse(false);
  }
}
