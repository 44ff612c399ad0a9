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
  /**
   * No instance, no attachment, nor what a lost power or a killed agent left of them; its volume
   * stays.
   */
  TAKE_DOWN,
  /** It was taken down, and stays so. */
  KEEP_DOWN,
  /** Other data are to take the place of its own. */
  RESET,
  /** Nothing of it may be left. */
  REMOVE,
  /** Nothing to do. */
  NOTHING;

  /**
   * @param reached what was asked for last is so
   * @param portHeld the record still holds its port: its resources may still be there
   */
  static CloneGoal of(CloneState state, boolean reached, boolean portHeld) {
    return switch (state) {
      case PENDING, PROVISIONING -> MAKE;
      case READY, RECOVERING, BROKEN -> KEEP_UP;
      case OVER_CAP -> KEEP_FROZEN;
      case STOPPED -> reached ? KEEP_DOWN : TAKE_DOWN;
      case RESETTING -> RESET;
      case FAILING, DELETING -> REMOVE;
      case FAILED -> portHeld ? REMOVE : NOTHING;
      case GONE -> NOTHING;
    };
  }
}
