package dev.ramet.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one place where gRPC statuses become {@link RametException}s. */
final class StatusErrors {
  private final String server;

  StatusErrors(String server) {
    this.server = server;
  }

  RametException from(StatusRuntimeException error) {
    Status status = error.getStatus();
    ErrorKind kind = kindOf(status.getCode());
    boolean reset = kind == ErrorKind.CANCELLED && !Thread.currentThread().isInterrupted();
    if (reset || isConnectionLost(error)) {
      kind = ErrorKind.UNAVAILABLE; // a coordinator that goes down resets or drops its streams
    }
    @Nullable ErrorInfo info = null;
    List<String> fields = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    com.google.rpc.@Nullable Status details = StatusProto.fromThrowable(error);
    if (details != null) {
      info = find(details, ErrorInfo.class);
      BadRequest bad = find(details, BadRequest.class);
      if (bad != null) {
        bad.getFieldViolationsList()
            .forEach(v -> {
              fields.add(v.getField());
              faults.add(v.getField() + ": " + v.getDescription());
            });
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    if (info != null) {
      metadata.putAll(info.getMetadataMap());
    }
    String reason = info == null || info.getReason().isEmpty() ? null : info.getReason();
    boolean retryable =
        kind == ErrorKind.UNAVAILABLE
            || kind == ErrorKind.TIMEOUT
            || status.getCode() == Status.Code.ABORTED;
    return new RametException(
        kind,
        reason == null ? codeOf(kind, status) : reason,
        message(status, kind, reason, faults),
        retryable,
        metadata,
        List.of(),
        fields,
        error);
  }

  /**
   * A connection that breaks while a call is written shows as UNKNOWN, with the cause beside it.
   */
  private static boolean isConnectionLost(StatusRuntimeException error) {
    return error.getStatus().getCode() == Status.Code.UNKNOWN
        && error.getStatus().getCause() instanceof IOException;
  }

  private static String codeOf(ErrorKind kind, Status status) {
    return kind == ErrorKind.UNAVAILABLE ? kind.name() : status.getCode().name();
  }

  private String message(
      Status status, ErrorKind kind, @Nullable String reason, List<String> faults) {
    String said = oneLine(status.getDescription());
    if (reason == null && kind == ErrorKind.UNAVAILABLE) {
      return "no coordinator answers at " + server + " (" + deepest(status, said) + ")";
    }
    if (reason == null && kind == ErrorKind.TIMEOUT) {
      return "the coordinator at " + server + " did not answer in time";
    }
    List<String> unsaid = faults.stream().filter(fault -> !mentions(said, fault)).toList();
    return unsaid.isEmpty() ? said : said + " (" + String.join("; ", unsaid) + ")";
  }

  /** The transport says "io exception"; what it was stands below: "Connection refused". */
  private static String deepest(Status status, String said) {
    String text = said;
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      text = cause.getMessage() == null ? text : oneLine(cause.getMessage());
    }
    return text.replaceAll(": .*/[0-9a-f.:]+:[0-9]+$", "");
  }

  /** Servers often repeat the field's fault in the message; once is enough. */
  private static boolean mentions(String said, String fault) {
    return said.contains(fault) || said.contains(fault.substring(fault.indexOf(": ") + 2));
  }

  private static String oneLine(@Nullable String text) {
    return text == null || text.isBlank()
        ? "no reason given"
        : text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static <T extends com.google.protobuf.Message> @Nullable T find(
      com.google.rpc.Status details, Class<T> type) {
    for (Any any : details.getDetailsList()) {
      if (any.is(type)) {
        try {
          return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
          return null; // a detail that cannot be read says nothing; the status itself still does
        }
      }
    }
    return null;
  }

  private static ErrorKind kindOf(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> ErrorKind.INVALID;
      case NOT_FOUND -> ErrorKind.NOT_FOUND;
      case ALREADY_EXISTS, ABORTED -> ErrorKind.CONFLICT;
      case FAILED_PRECONDITION, RESOURCE_EXHAUSTED -> ErrorKind.PRECONDITION;
      case UNAVAILABLE -> ErrorKind.UNAVAILABLE;
      case DEADLINE_EXCEEDED -> ErrorKind.TIMEOUT;
      case UNIMPLEMENTED -> ErrorKind.UNSUPPORTED;
      case PERMISSION_DENIED, UNAUTHENTICATED -> ErrorKind.DENIED;
      case CANCELLED -> ErrorKind.CANCELLED;
      case OK, UNKNOWN, INTERNAL, DATA_LOSS -> ErrorKind.INTERNAL;
    };
  }
}
