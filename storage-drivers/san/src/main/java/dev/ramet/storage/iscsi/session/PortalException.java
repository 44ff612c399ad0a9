package dev.ramet.storage.iscsi.session;

import java.io.IOException;

/** A portal did not lead to the LUN. The message says why, without the portal's address. */
public final class PortalException extends IOException {
  private final Reason reason;

  /** What is in the way. */
  public enum Reason {
    /** Nobody answers: refused, no way there, or silence. */
    NO_ANSWER,
    /** Wrong name or secret, or one is missing. */
    AUTHENTICATION,
    /** The portal has no such target, or none for this initiator. */
    NO_TARGET,
    /** The target has no such LUN. */
    NO_LUN,
    /** Something else, in the message. */
    OTHER
  }

  public PortalException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is in the way. */
  public Reason reason() {
    return reason;
  }
}
