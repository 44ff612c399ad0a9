package dev.ramet.storage.san;

/** What an array may or may not do. */
public enum ArrayCapability {
  /** Snapshots of several volumes at one instant. */
  CONSISTENT_GROUP,
  /** Hosts show who they are (CHAP). */
  CHAP,
  /** The array shows hosts who it is, too (CHAP in both directions). */
  MUTUAL_CHAP
}
