package dev.ramet.client;

import org.jspecify.annotations.Nullable;

/** A revision's snapshot on one host. */
public record Replica(String host, String pool, State state, @Nullable Failure failure) {
  /** Where the replica stands. */
  public enum State {
    COPYING,
    READY,
    FAILED,
    DELETING,
    /** A state that this version of the client does not know. */
    UNKNOWN
  }
}
