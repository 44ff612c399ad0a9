package dev.ramet.coordinator.fleet;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.DebugInfo;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultKind;
import dev.ramet.coordinator.fleet.AgentException.Verdict;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The one place where an agent's status becomes a fault and a verdict. */
final class AgentErrors {
  private static final String STALE_FENCE = "STALE_FENCE";
  private static final Set<String> PASSING = Set.of("CANCELLED", "PEER_UNREACHABLE");

  /** Metadata of agents: last log lines, and whether a repeat can help. */
  private static final String LOG_TAIL = "log_tail";

  private static final String RETRYABLE = "retryable";

  private AgentErrors() {}

  static AgentException translate(String address, String verb, StatusRuntimeException error) {
    Optional<Status> details = Optional.ofNullable(StatusProto.fromThrowable(error));
    Optional<ErrorInfo> info = details.flatMap(status -> detail(status, ErrorInfo.class));
    boolean retryInfo = details.flatMap(status -> detail(status, RetryInfo.class)).isPresent();
    io.grpc.Status.Code code = error.getStatus().getCode();
    if (info.isPresent() && info.get().getReason().equals(STALE_FENCE)) {
      return new AgentException(
          Verdict.DEPOSED,
          ErrorCode.NO_LEADER.fault(
              "the agent at %s has seen a later leader (%s)".formatted(address, words(error))),
          error);
    }
    if (info.isEmpty()) {
      return withoutReason(address, verb, code, error);
    }
    List<String> logTail =
        details
            .flatMap(status -> detail(status, DebugInfo.class))
            .map(debug -> List.copyOf(debug.getStackEntriesList()))
            .orElseGet(() -> List.of());
    Map<String, String> metadata = new LinkedHashMap<>(info.get().getMetadataMap());
    String tailText = metadata.remove(LOG_TAIL);
    if (logTail.isEmpty() && tailText != null) {
      logTail = tailText.lines().toList();
    }
    boolean retryable = retryInfo || Boolean.parseBoolean(metadata.remove(RETRYABLE));
    // In flight on the same id, cut off by the agent's own end, or the agent that it copies from is
    // away: the same call may work soon.
    boolean passing =
        code == io.grpc.Status.Code.ABORTED || PASSING.contains(info.get().getReason());
    Fault fault =
        new Fault(
            info.get().getReason(),
            kind(code),
            words(error),
            retryable,
            logTail,
            metadata,
            List.of());
    return new AgentException(passing ? Verdict.TRANSIENT : Verdict.DEFINITE, fault, error);
  }

  private static AgentException withoutReason(
      String address, String verb, io.grpc.Status.Code code, StatusRuntimeException error) {
    return switch (code) {
      case UNAVAILABLE ->
          new AgentException(
              Verdict.TRANSIENT,
              ErrorCode.AGENT_UNREACHABLE.fault(
                  "the agent at %s does not answer (%s): is it running?".formatted(address, verb)),
              error);
      case DEADLINE_EXCEEDED ->
          new AgentException(
              Verdict.TRANSIENT,
              ErrorCode.AGENT_TIMEOUT.fault(
                  "the agent at %s took too long over %s".formatted(address, verb)),
              error);
      case ABORTED ->
          new AgentException(
              Verdict.TRANSIENT, ErrorCode.CONCURRENT_CHANGE.fault(words(error)), error);
      case CANCELLED ->
          new AgentException(Verdict.CANCELLED, ErrorCode.CANCELLED.fault("given up"), error);
      default -> {
        Fault fault =
            new Fault(
                code.name(),
                kind(code),
                "%s: %s".formatted(verb, words(error)),
                false,
                List.of(),
                Map.of(),
                List.of());
        yield new AgentException(Verdict.DEFINITE, fault, error);
      }
    };
  }

  /** A stream that ended well but without its result. */
  static AgentException brokenStream(String address, String verb) {
    return new AgentException(
        Verdict.TRANSIENT,
        ErrorCode.AGENT_UNREACHABLE.fault(
            "the agent at %s ended %s without a result".formatted(address, verb)),
        new IllegalStateException("no result in the last message"));
  }

  private static String words(StatusRuntimeException error) {
    return Objects.requireNonNullElse(
        error.getStatus().getDescription(), error.getStatus().getCode().name());
  }

  private static FaultKind kind(io.grpc.Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> FaultKind.INVALID;
      case NOT_FOUND -> FaultKind.NOT_FOUND;
      case ALREADY_EXISTS -> FaultKind.EXISTS;
      case FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED -> FaultKind.PRECONDITION;
      case ABORTED, CANCELLED -> FaultKind.CONFLICT;
      case RESOURCE_EXHAUSTED -> FaultKind.EXHAUSTED;
      case UNAVAILABLE -> FaultKind.UNAVAILABLE;
      case DEADLINE_EXCEEDED -> FaultKind.TIMEOUT;
      case UNIMPLEMENTED -> FaultKind.UNIMPLEMENTED;
      case OK, UNKNOWN, INTERNAL, DATA_LOSS -> FaultKind.INTERNAL;
    };
  }

  private static <T extends Message> Optional<T> detail(Status status, Class<T> type) {
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return Optional.of(any.unpack(type));
        } catch (InvalidProtocolBufferException broken) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
