package dev.ramet.storage;

/** In which state a snapshot finds its volume. It is no part of what the snapshot is. */
public enum SnapshotMode {
  /** Detached, so that the content is as whoever wrote it left it. */
  DETACHED,
  /**
   * Detached or attached, and written to meanwhile: the content is of one instant, crash-consistent
   * as after a loss of power. All that was on the file system when the verb began is in it, nothing
   * that was written after it returned.
   */
  LIVE
}
