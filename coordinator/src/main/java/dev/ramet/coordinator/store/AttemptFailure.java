package dev.ramet.coordinator.store;

import dev.ramet.coordinator.store.StoreException.Code;
import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdException;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * What the failure of one request means.
 *
 * @param executed whether etcd may have carried it out, now or later
 * @param verdict what the caller is told where repeating does not help
 */
record AttemptFailure(Executed executed, Code verdict, String message, Throwable cause) {
  /** Whether a failed request had, or will have, its effect. */
  enum Executed {
    NO,
    PERHAPS
  }

  boolean repeatable() {
    return verdict == Code.UNAVAILABLE;
  }

  static AttemptFailure of(Throwable thrown) {
    Throwable cause = unwrap(thrown);
    if (cause instanceof TimeoutException) {
      return new AttemptFailure(
          Executed.PERHAPS, Code.UNAVAILABLE, "etcd does not answer in time", cause);
    }
    if (neverConnected(cause)) {
      return new AttemptFailure(
          Executed.NO, Code.UNAVAILABLE, "etcd cannot be reached: " + innermost(cause), cause);
    }
    EtcdException etcd = EtcdExceptionFactory.toEtcdException(cause);
    String message = etcd.getMessage() == null ? etcd.toString() : etcd.getMessage();
    return switch (etcd.getErrorCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED, INTERNAL, UNKNOWN ->
          new AttemptFailure(Executed.PERHAPS, Code.UNAVAILABLE, message, cause);
      case RESOURCE_EXHAUSTED ->
          message.contains("too many requests")
              ? new AttemptFailure(Executed.NO, Code.UNAVAILABLE, message, cause)
              : new AttemptFailure(Executed.NO, Code.NO_SPACE, message, cause);
      case DATA_LOSS -> new AttemptFailure(Executed.PERHAPS, Code.CORRUPT, message, cause);
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          new AttemptFailure(Executed.NO, Code.REFUSED, message, cause);
    };
  }

  /** etcd knows no such lease: it ran out. */
  static boolean isLeaseGone(Throwable thrown) {
    return unwrap(thrown) instanceof RuntimeException e
        && EtcdExceptionFactory.toEtcdException(e).getErrorCode() == ErrorCode.NOT_FOUND;
  }

  static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static boolean neverConnected(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof ConnectException || t instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  private static String innermost(Throwable thrown) {
    Throwable t = thrown;
    while (t.getCause() != null) {
      t = t.getCause();
    }
    return String.format(Locale.ROOT, "%s", t.getMessage());
  }
}
