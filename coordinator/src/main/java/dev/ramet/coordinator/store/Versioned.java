package dev.ramet.coordinator.store;

import com.google.protobuf.Message;

/**
 * A record as it was at one revision of the store.
 *
 * @param modRevision when it was last written; an update names it, and is refused if it moved on
 * @param createRevision when it was made; differs between two records of one name
 */
public record Versioned<T extends Message>(
    Key<T> key, T value, long modRevision, long createRevision) {

  /** Without the value, which may hold secrets. */
  @Override
  public String toString() {
    return key + "@" + modRevision;
  }
}
