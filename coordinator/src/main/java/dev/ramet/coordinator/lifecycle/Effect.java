package dev.ramet.coordinator.lifecycle;

/** What a change of state brings with it; carried out by whoever applies the change. */
public enum Effect {
  /** The time and the endpoint become known: write them with the state. */
  RECORD_READY,
  /** The reason is written with the state. */
  RECORD_FAILURE,
  /** The reason of an earlier trouble is over: remove it. */
  CLEAR_FAILURE,
  /** What the reset is to lead to is no longer wanted: its ids are to go. */
  END_RESET,
  /** The new data take the place of the old ones, which are to go. */
  SWITCH_DATA,
  /** The desired state is "absent" from now on: the planner takes everything down. */
  TEAR_DOWN,
  /** The data belong to the user: its volume is neither made anew nor removed. */
  KEEP_DATA,
  /** It was READY once, but its data are gone: that is forgotten. */
  FORGET_DATA,
  /** The port is free for others; in the same transaction. */
  RELEASE_PORT,
  /** The record goes; in the same transaction. */
  REMOVE_RECORD,
  /** The source with its password is no longer needed: remove it in the same transaction. */
  FORGET_SECRET,
  /** Whoever watches the operation is told that it is over. */
  END_OPERATION
}
