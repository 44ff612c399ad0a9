package dev.ramet.client;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call or a piece of work did not succeed. The message is one line, meant for people. */
public final class RametException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ErrorKind kind;
  private final String code;
  private final boolean retryable;
  private final transient @Nullable Map<String, String> metadata;
  private final transient @Nullable List<String> logTail;
  private final transient @Nullable List<String> fields;

  RametException(
      ErrorKind kind,
      String code,
      String message,
      boolean retryable,
      Map<String, String> metadata,
      List<String> logTail,
      List<String> fields,
      @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.code = code;
    this.retryable = retryable;
    this.metadata = CloneSpec.ordered(metadata);
    this.logTail = List.copyOf(logTail);
    this.fields = List.copyOf(fields);
  }

  /** A failure that the client itself found. */
  static RametException local(ErrorKind kind, String code, String message) {
    boolean retryable = kind == ErrorKind.UNAVAILABLE || kind == ErrorKind.TIMEOUT;
    return new RametException(kind, code, message, retryable, Map.of(), List.of(), List.of(), null);
  }

  /** Work that the server recorded as failed. */
  static RametException of(Failure failure) {
    return new RametException(
        ErrorKind.WORK_FAILED,
        failure.code(),
        failure.message(),
        failure.retryable(),
        Map.of(),
        failure.logTail(),
        List.of(),
        null);
  }

  public ErrorKind kind() {
    return kind;
  }

  /**
   * The server's reason in UPPER_SNAKE_CASE ({@code POOL_FULL}), or the gRPC status where it gave
   * none.
   */
  public String code() {
    return code;
  }

  /** The same request may succeed later without anybody changing it. */
  public boolean retryable() {
    return retryable;
  }

  /** What the server added for machines: names of dependants, the host, the field at fault. */
  public Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  /**
   * The fields of the request that are at fault, as the API calls them; the message has each as
   * {@code field: what is wrong}.
   */
  public List<String> fields() {
    return fields == null ? List.of() : fields;
  }

  /** Last lines of the log of the program that failed, oldest first; may be empty. */
  public List<String> logTail() {
    return logTail == null ? List.of() : logTail;
  }
}
