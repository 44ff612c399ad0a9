package dev.ramet.coordinator.lifecycle;

/** Where a revision of an image is in its life. */
public enum RevisionState {
  /** Its volume is being filled. */
  BUILDING,
  /**
   * The build failed; what was made of it is being taken down. Shown to users as BUILDING with the
   * failure set.
   */
  FAILING,
  /** Its snapshot is on at least one host. */
  READY,
  /** The build failed and nothing of it is left. */
  FAILED,
  /** Being removed from all hosts. */
  DELETING,
  /** No record, no storage. */
  GONE
}
