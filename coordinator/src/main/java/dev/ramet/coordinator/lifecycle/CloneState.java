package dev.ramet.coordinator.lifecycle;

/** Where a clone is in its life. */
public enum CloneState {
  /** Recorded; nothing has been done yet. */
  PENDING,
  /** Being made. */
  PROVISIONING,
  /**
   * The create failed; what was made of it is being taken down. Shown to users as PROVISIONING with
   * the failure set.
   */
  FAILING,
  /** Answers queries. */
  READY,
  /**
   * Was READY; its instance is down and is being brought up again. Shown as PROVISIONING with
   * ready_time set.
   */
  RECOVERING,
  /** Its user stopped it, or is just having it stopped: data without an instance. */
  STOPPED,
  /**
   * It has grown as much as it may: its instance is frozen, or just being so. It goes on where it
   * may grow more.
   */
  OVER_CAP,
  /**
   * Other data are being made for it. What it has stays until they answer, and is brought up again
   * where they do not.
   */
  RESETTING,
  /** The create failed and nothing of it is left on the host (or the host is lost). */
  FAILED,
  /**
   * Was READY and cannot be brought up for now; it goes on being tried, and its volume is never
   * made anew. Shown as FAILED with ready_time set.
   */
  BROKEN,
  /** Being taken down for good. */
  DELETING,
  /** No record, no storage. */
  GONE;

  /** Answered queries once: its data are the user's. */
  public boolean wasReady() {
    return switch (this) {
      case READY, RECOVERING, BROKEN, STOPPED, OVER_CAP, RESETTING -> true;
      case PENDING, PROVISIONING, FAILING, FAILED, DELETING, GONE -> false;
    };
  }
}
