package dev.ramet.agent.server;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What callers see of an error: the only place where the agent's reasons become gRPC statuses. Each
 * carries an ErrorInfo with the reason, a RetryInfo where the same call may succeed later without
 * anybody acting, and the last log lines where a program failed. A call that the agent's own end
 * cut short carries no reason, as if the connection had broken: nothing is wrong with it.
 */
final class GrpcErrors {
  static final String DOMAIN = "ramet.dev";

  /** Last lines of the program that failed, oldest first. */
  static final String LOG_TAIL = "log_tail";

  /** Trailers travel in HTTP/2 headers, which peers limit to 8 KiB by default. */
  private static final int LOG_TAIL_BYTES = 3000;

  /** The message travels twice, once with three characters for each byte that is not ASCII. */
  private static final int MESSAGE_BYTES = 1500;

  private static final RetryInfo RETRY =
      RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(1)).build();
  private static final Logger LOG = LoggerFactory.getLogger(GrpcErrors.class);

  private GrpcErrors() {}

  /** The status of any failure; one that nobody foresaw is logged with its stack. */
  static StatusRuntimeException of(Throwable failure) {
    return switch (failure) {
      case StatusRuntimeException status -> status;
      case InvalidRequestException e -> invalidRequest(e);
      case AgentException e -> agentError(e);
      case StorageException e ->
          status(code(e.error()), e.error().name(), message(e), Map.of(), retry(e.error()));
      case InterruptedException e ->
          Status.UNAVAILABLE.withDescription("the agent is being stopped").asRuntimeException();
      default -> unforeseen(failure);
    };
  }

  /** The trailers that go with a status made here. */
  static Metadata trailers(StatusRuntimeException status) {
    Metadata trailers = status.getTrailers();
    return trailers == null ? new Metadata() : trailers;
  }

  static Status.Code code(StorageError error) {
    return switch (error) {
      case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
      case OUT_OF_RANGE -> Status.Code.OUT_OF_RANGE;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case ALREADY_EXISTS -> Status.Code.ALREADY_EXISTS;
      case IN_USE, HAS_DEPENDANTS, POOL_UNHEALTHY -> Status.Code.FAILED_PRECONDITION;
      case UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
      case ACCESS_DENIED -> Status.Code.PERMISSION_DENIED;
      case UNREACHABLE -> Status.Code.UNAVAILABLE;
      case POOL_FULL -> Status.Code.RESOURCE_EXHAUSTED;
      case DEVICE, IO -> Status.Code.INTERNAL;
    };
  }

  static Status.Code code(AgentError error) {
    return switch (error) {
      case INVALID_ARGUMENT, ENGINE_UNKNOWN, ENGINE_OPTION_INVALID -> Status.Code.INVALID_ARGUMENT;
      case OUT_OF_RANGE -> Status.Code.OUT_OF_RANGE;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case ALREADY_EXISTS -> Status.Code.ALREADY_EXISTS;
      case UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
      case IN_FLIGHT -> Status.Code.ABORTED;
      case CANCELLED -> Status.Code.CANCELLED;
      case POOL_FULL -> Status.Code.RESOURCE_EXHAUSTED;
      case PEER_UNREACHABLE, RUNTIME_UNAVAILABLE, UNREACHABLE -> Status.Code.UNAVAILABLE;
      case ACCESS_DENIED -> Status.Code.PERMISSION_DENIED;
      case IN_USE,
          HAS_DEPENDANTS,
          STALE_FENCE,
          OTHER_INSTALLATION,
          SOURCE_UNREACHABLE,
          SOURCE_AUTH_FAILED,
          SOURCE_NOT_PERMITTED,
          SOURCE_NOT_FOUND,
          SOURCE_NOT_A_DUMP,
          SOURCE_VERSION_UNSUPPORTED,
          LOAD_FAILED,
          POOL_UNHEALTHY,
          PORT_TAKEN,
          ENGINE_IMAGE_MISSING,
          INSTANCE_DIED,
          INSTANCE_NOT_READY,
          INSTANCE_FROZEN ->
          Status.Code.FAILED_PRECONDITION;
      case DEVICE, IO, INTERNAL -> Status.Code.INTERNAL;
    };
  }

  private static boolean retryable(StorageError error) {
    return switch (error) {
      case IN_USE, UNREACHABLE, DEVICE, IO -> true;
      case INVALID_ARGUMENT,
          OUT_OF_RANGE,
          NOT_FOUND,
          ALREADY_EXISTS,
          HAS_DEPENDANTS,
          UNSUPPORTED,
          ACCESS_DENIED,
          POOL_FULL,
          POOL_UNHEALTHY ->
          false;
    };
  }

  private static boolean retryable(AgentError error) {
    return switch (error) {
      case IN_FLIGHT, IN_USE, PEER_UNREACHABLE, RUNTIME_UNAVAILABLE, UNREACHABLE, DEVICE, IO ->
          true;
      case INVALID_ARGUMENT,
          OUT_OF_RANGE,
          NOT_FOUND,
          ALREADY_EXISTS,
          HAS_DEPENDANTS,
          UNSUPPORTED,
          STALE_FENCE,
          OTHER_INSTALLATION,
          CANCELLED,
          ENGINE_UNKNOWN,
          ENGINE_OPTION_INVALID,
          SOURCE_UNREACHABLE,
          SOURCE_AUTH_FAILED,
          SOURCE_NOT_PERMITTED,
          SOURCE_NOT_FOUND,
          SOURCE_NOT_A_DUMP,
          SOURCE_VERSION_UNSUPPORTED,
          LOAD_FAILED,
          POOL_FULL,
          ACCESS_DENIED,
          POOL_UNHEALTHY,
          PORT_TAKEN,
          ENGINE_IMAGE_MISSING,
          INSTANCE_DIED,
          INSTANCE_NOT_READY,
          INSTANCE_FROZEN,
          INTERNAL ->
          false;
    };
  }

  private static StatusRuntimeException agentError(AgentException e) {
    Map<String, String> metadata = new TreeMap<>(e.metadata());
    if (!e.logTail().isEmpty()) {
      String tail = String.join("\n", e.logTail());
      metadata.put(LOG_TAIL, HeaderBudget.end(tail, LOG_TAIL_BYTES));
    }
    return status(code(e.error()), e.error().name(), message(e), metadata, retry(e.error()));
  }

  private static StatusRuntimeException invalidRequest(InvalidRequestException e) {
    BadRequest.Builder faults = BadRequest.newBuilder();
    e.violations()
        .forEach((field, fault) ->
            faults.addFieldViolationsBuilder().setField(field).setDescription(fault));
    return status(
        Status.Code.INVALID_ARGUMENT,
        AgentError.INVALID_ARGUMENT.name(),
        message(e),
        Map.of(),
        List.of(faults.build()));
  }

  private static StatusRuntimeException unforeseen(Throwable failure) {
    LOG.error("a call failed in a way that nobody foresaw", failure);
    return status(
        Status.Code.INTERNAL,
        AgentError.INTERNAL.name(),
        "a fault of the agent; its log has the details: " + failure.getClass().getSimpleName(),
        Map.of(),
        List.of());
  }

  private static List<Message> retry(StorageError error) {
    return retryable(error) ? List.of(RETRY) : List.of();
  }

  private static List<Message> retry(AgentError error) {
    return retryable(error) ? List.of(RETRY) : List.of();
  }

  private static String message(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    String beginning = HeaderBudget.beginning(message, MESSAGE_BYTES);
    return beginning.length() == message.length() ? message : beginning + " ...";
  }

  private static StatusRuntimeException status(
      Status.Code code,
      String reason,
      String message,
      Map<String, String> metadata,
      List<Message> details) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(message)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build()));
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
