package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.InstanceSeen.Condition;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.reconcile.CloneProgress.Part;

/** From what is wanted and what is there to the one next step. Pure. */
final class ClonePlanner {
  private ClonePlanner() {}

  static CloneStep next(
      CloneGoal goal, CloneState state, Observation seen, CloneProgress progress) {
    return switch (goal) {
      case MAKE -> make(seen, progress);
      case KEEP_UP ->
          switch (state) {
            case READY -> watchOver(seen);
            case OVER_CAP -> goOn(seen);
            default -> recover(seen, progress);
          };
      case KEEP_FROZEN -> freeze(seen);
      case TAKE_DOWN -> takeDown(progress);
      case KEEP_DOWN -> isDown(seen) ? new CloneStep.ReportStopped() : takeDown(progress);
      case RESET -> new CloneStep.SwitchData();
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
    if (is(Condition.FROZEN, seen)) {
      return new CloneStep.ThawInstance();
    }
    return is(Condition.RUNNING, seen) ? new CloneStep.Settled() : new CloneStep.ReportDown();
  }

  /** It was frozen, and may grow more. */
  private static CloneStep goOn(Observation seen) {
    if (seen.volume().isEmpty()) {
      return new CloneStep.ReportDataLost();
    }
    if (is(Condition.FROZEN, seen)) {
      return new CloneStep.ThawInstance();
    }
    return is(Condition.RUNNING, seen) ? new CloneStep.ReportUp() : new CloneStep.ReportDown();
  }

  /** One that has ended meanwhile writes nothing either. */
  private static CloneStep freeze(Observation seen) {
    if (seen.volume().isEmpty()) {
      return new CloneStep.ReportDataLost();
    }
    boolean goesOn = is(Condition.RUNNING, seen) || is(Condition.STARTING, seen);
    return goesOn ? new CloneStep.FreezeInstance() : new CloneStep.Settled();
  }

  private static CloneStep recover(Observation seen, CloneProgress progress) {
    if (seen.volume().isEmpty()) {
      return new CloneStep.ReportDataLost();
    }
    if (progress.again() && isUnusedMount(seen) && !progress.has(Part.ATTACHED)) {
      return new CloneStep.DetachVolume();
    }
    return bringUp(seen, progress);
  }

  /** The kernel may have made it read-only, when its pool was full: mounted anew it is not. */
  private static boolean isUnusedMount(Observation seen) {
    return seen.volumeAttached() && seen.instance().isEmpty();
  }

  private static CloneStep bringUp(Observation seen, CloneProgress progress) {
    if (progress.has(Part.STARTED)) {
      return new CloneStep.ReportUp();
    }
    if (is(Condition.DEAD, seen)) {
      return new CloneStep.DeleteInstance();
    }
    return progress.has(Part.ATTACHED)
        ? new CloneStep.StartInstance()
        : new CloneStep.AttachVolume();
  }

  private static boolean isDown(Observation seen) {
    return seen.instance().isEmpty() && !seen.volumeAttached();
  }

  private static CloneStep takeDown(CloneProgress progress) {
    if (!progress.has(Part.STOPPED)) {
      return new CloneStep.DeleteInstance();
    }
    return progress.has(Part.DETACHED)
        ? new CloneStep.ReportStopped()
        : new CloneStep.DetachVolume();
  }

  private static CloneStep remove(CloneProgress progress) {
    if (!progress.has(Part.STOPPED)) {
      return new CloneStep.DeleteInstance();
    }
    if (!progress.has(Part.DETACHED)) {
      return new CloneStep.DetachVolume();
    }
    return progress.has(Part.DELETED)
        ? new CloneStep.ReportTornDown()
        : new CloneStep.DeleteVolume();
  }

  private static boolean is(Condition condition, Observation seen) {
    return seen.instance().map(instance -> instance.condition() == condition).orElse(false);
  }
}
