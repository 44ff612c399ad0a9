package dev.ramet.coordinator.reconcile;

/**
 * What this attempt has done so far. An attempt confirms each thing once even where it looks done
 * already: whoever did it before may have been cut off in the middle.
 */
record CloneProgress(boolean started, boolean stopped, boolean detached, boolean deleted) {
  static final CloneProgress NONE = new CloneProgress(false, false, false, false);

  CloneProgress whenStarted() {
    return new CloneProgress(true, stopped, detached, deleted);
  }

  CloneProgress whenStopped() {
    return new CloneProgress(started, true, detached, deleted);
  }

  CloneProgress whenDetached() {
    return new CloneProgress(started, stopped, true, deleted);
  }

  CloneProgress whenDeleted() {
    return new CloneProgress(started, stopped, detached, true);
  }
}
