package dev.ramet.coordinator.lifecycle;

/** What can happen to a clone. */
public enum CloneEvent {
  /** The reconciler begins. */
  PICKED_UP,
  /** The instance answered a real query. */
  CAME_UP,
  /** A step of the creation failed for good. */
  CREATE_FAILED,
  /** The host stayed away, or the take-down was refused, for longer than a user should wait. */
  GIVEN_UP,
  /** The instance of a clone that was READY does not run. */
  WENT_DOWN,
  /** Bringing it up again failed so often that its user is told; it goes on being tried. */
  RECOVERY_FAILED,
  /** Its host was declared lost, with all that it held. */
  HOST_REMOVED,
  /** The user wants no instance for now; the data stay. */
  STOP_ASKED,
  /** The user wants it up again. */
  START_ASKED,
  /** The user wants other data at the same address. */
  RESET_ASKED,
  /** The new data answer at its address. */
  RESET_DONE,
  /** The new data cannot be had: the old ones are kept. */
  RESET_FAILED,
  /** It has grown as much as it may. */
  GREW_OVER,
  /** The user wants it gone, or its time is over. */
  DELETE_ASKED,
  /** The host holds nothing of it any more. */
  TORN_DOWN
}
