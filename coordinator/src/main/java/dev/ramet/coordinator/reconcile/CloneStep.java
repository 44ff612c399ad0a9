package dev.ramet.coordinator.reconcile;

/** The next thing to do for a clone. Each leaves no choice to whoever carries it out. */
sealed interface CloneStep {
  /** Clone the revision's snapshot. */
  record CloneVolume() implements CloneStep {}

  /** Also where it is seen attached already: whoever did it may not have come to the end. */
  record AttachVolume() implements CloneStep {}

  /** Start it, or have confirmed that it runs and that its user can log in. */
  record StartInstance() implements CloneStep {}

  /** Stop it and remove it; also clears away a dead one before it is started again. */
  record DeleteInstance() implements CloneStep {}

  /** Hold it still. */
  record FreezeInstance() implements CloneStep {}

  /** Let it go on. */
  record ThawInstance() implements CloneStep {}

  record DetachVolume() implements CloneStep {}

  record DeleteVolume() implements CloneStep {}

  /** Record that its instance is down before anything is done about it. */
  record ReportDown() implements CloneStep {}

  /** Record that it answers. */
  record ReportUp() implements CloneStep {}

  /** Record that it is stopped, and start it again where that is wanted. */
  record ReportStopped() implements CloneStep {}

  /** Let a new volume take the place of its own. */
  record SwitchData() implements CloneStep {}

  /** Record that nothing is left. */
  record ReportTornDown() implements CloneStep {}

  /** Record that the volume of a clone that was READY is not there. */
  record ReportDataLost() implements CloneStep {}

  /** Nothing to do. */
  record Settled() implements CloneStep {}
}
