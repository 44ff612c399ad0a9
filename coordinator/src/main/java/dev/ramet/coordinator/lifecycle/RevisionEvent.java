package dev.ramet.coordinator.lifecycle;

/** What can happen to a revision. */
public enum RevisionEvent {
  /** The snapshot is there and the build volume is gone. */
  BUILT,
  /** A step of the build failed for good. */
  BUILD_FAILED,
  /** The host stayed away, or the take-down was refused, for longer than a user should wait. */
  GIVEN_UP,
  /** Every replica that can be made has been made. */
  REPLICATED,
  /** The host of its last replica was declared lost. */
  REPLICAS_LOST,
  /** The user wants it gone. */
  DELETE_ASKED,
  /** No host holds anything of it any more. */
  TORN_DOWN
}
