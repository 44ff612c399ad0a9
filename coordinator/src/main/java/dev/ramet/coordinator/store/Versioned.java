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

  /** Was it written {@link Txn#by by this leader} last? Known as soon as the record is seen. */
  public boolean isWrittenBy(Leadership leadership) {
    return Records.meta(value)
        .map(meta -> meta.getWriteId().startsWith(leadership.signature()))
        .orElse(false);
  }

  /** Without the value, which may hold secrets. */
  @Override
  public String toString() {
    return key + "@" + modRevision;
  }
}
