package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.lifecycle.CloneState;

/** What is wanted of the host for a clone. */
enum CloneGoal {
  /** Make it for the first time; anything missing is made. */
  MAKE,
  /** Keep it running; its volume is the user's and is never made anew. */
  KEEP_UP,
  /** Its instance does nothing until it may grow more. */
  KEEP_FROZEN,
  /** No instance, no attachment; its volume stays. */
  KEEP_DOWN,
  /** Other data are to take the place of its own. */
  RESET,
  /** Nothing of it may be left. */
  REMOVE,
  /** Nothing to do. */
  NOTHING;

  /**
   * @param portHeld the record still holds its port: its resources may still be there
   */
  static CloneGoal of(CloneState state, boolean portHeld) {
    return switch (state) {
      case PENDING, PROVISIONING -> MAKE;
      case READY, RECOVERING, BROKEN -> KEEP_UP;
      case OVER_CAP -> KEEP_FROZEN;
      case STOPPED -> KEEP_DOWN;
      case RESETTING -> RESET;
      case FAILING, DELETING -> REMOVE;
      case FAILED -> portHeld ? REMOVE : NOTHING;
      case GONE -> NOTHING;
    };
  }
}
