package dev.ramet.coordinator.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what was asked. The code says what the caller may do next. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Sorted by what the caller does. */
  public enum Code {
    /** etcd does not answer, or has no leader. Nothing was written. Repeat later. */
    UNAVAILABLE(true),
    /**
     * A write was sent and nobody answered, nor could it be found out in time whether it was
     * carried out. It may still be. Repeating the same call is safe.
     */
    UNKNOWN_OUTCOME(true),
    /** The record was changed by somebody else meanwhile. Read again, decide again. */
    CONFLICT(true),
    /** The writer is not the leader any more. */
    DEPOSED(false),
    /** The record is there and cannot be read. It was left as it is. */
    CORRUPT(false),
    /** etcd refuses writes because its space is used up, or the record is too big. */
    NO_SPACE(false),
    /** etcd refused the request for another reason. */
    REFUSED(false),
    /** This store was closed. */
    CLOSED(false);

    private final boolean retryable;

    Code(boolean retryable) {
      this.retryable = retryable;
    }

    public boolean retryable() {
      return retryable;
    }
  }

  private final Code code;

  public StoreException(Code code, String message) {
    this(code, message, null);
  }

  public StoreException(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
