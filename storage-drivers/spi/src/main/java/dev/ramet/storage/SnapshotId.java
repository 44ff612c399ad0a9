package dev.ramet.storage;

/**
 * A snapshot's id, chosen by the caller.
 *
 * @param value 1 to 127 of a-z, 0-9, '-' and '.', beginning with a letter or digit, without ".."
 */
public record SnapshotId(String value) {
  /** Refuses what is no id with {@code INVALID_ARGUMENT}. */
  public SnapshotId {
    ResourceIds.require(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
