package dev.ramet.coordinator.reconcile;

/** The next thing to do for a build. */
sealed interface BuildStep {
  record CreateVolume() implements BuildStep {}

  record AttachVolume() implements BuildStep {}

  /** Fill the volume and record what it holds. Cost: proportional to the data. */
  record Load() implements BuildStep {}

  record DetachVolume() implements BuildStep {}

  record CreateSnapshot() implements BuildStep {}

  /** Remove the volume that was built in; the snapshot is there. */
  record DeleteVolume() implements BuildStep {}

  /** Record that the revision can be cloned. */
  record ReportBuilt() implements BuildStep {}

  /** The volume went away after it was filled: the build has failed. */
  record ReportLost() implements BuildStep {}
}
