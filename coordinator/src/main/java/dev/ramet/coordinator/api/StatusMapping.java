package dev.ramet.coordinator.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.fault.FaultKind;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.store.StoreException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where whatever went wrong becomes a status with its details. */
public final class StatusMapping {
  static final String DOMAIN = "ramet.dev";
  private static final int RETRY_SECONDS = 1;
  private static final Logger log = LoggerFactory.getLogger(StatusMapping.class);

  private StatusMapping() {}

  /** The answer for a call whose body threw this. */
  public static StatusRuntimeException status(Throwable thrown) {
    return switch (thrown) {
      case StatusRuntimeException already -> already;
      case FaultException known -> status(known.fault());
      case AgentException agent -> status(agent.fault());
      case StoreException store -> status(fault(store));
      default -> {
        log.error("a fault of the coordinator", thrown);
        yield status(ErrorCode.INTERNAL.fault("a fault of the coordinator; its log says more"));
      }
    };
  }

  static StatusRuntimeException status(Fault fault) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(fault.kind()).value())
            .setMessage(fault.message())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(fault.code())
                        .setDomain(DOMAIN)
                        .putAllMetadata(fault.metadata())
                        .build()));
    if (!fault.fields().isEmpty()) {
      BadRequest.Builder fields = BadRequest.newBuilder();
      fault
          .fields()
          .forEach(field ->
              fields
                  .addFieldViolationsBuilder()
                  .setField(field.field())
                  .setDescription(field.problem()));
      status.addDetails(Any.pack(fields.build()));
    }
    if (fault.retryable()) {
      status.addDetails(
          Any.pack(
              RetryInfo.newBuilder()
                  .setRetryDelay(Duration.newBuilder().setSeconds(RETRY_SECONDS))
                  .build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static Fault fault(StoreException error) {
    return switch (error.code()) {
      case UNAVAILABLE, CLOSED ->
          ErrorCode.STORE_UNAVAILABLE.fault(
              "etcd does not answer, nothing was changed: see that it runs, then try again");
      case UNKNOWN_OUTCOME ->
          ErrorCode.STORE_UNAVAILABLE.fault(
              "etcd did not answer in time, the change may or may not have been made: the same call"
                  + " is safe to repeat");
      case CONFLICT ->
          ErrorCode.CONCURRENT_CHANGE.fault("somebody else changed it meanwhile: try again");
      case NO_SPACE ->
          ErrorCode.STORE_UNAVAILABLE.fault(
              "etcd refuses writes because its space is used up: compact and defragment it");
      case DEPOSED, CORRUPT, REFUSED -> {
        log.error("the store refused", error);
        yield ErrorCode.INTERNAL.fault("the record cannot be read or written; the log says more");
      }
    };
  }

  private static Status.Code code(FaultKind kind) {
    return switch (kind) {
      case INVALID -> Status.Code.INVALID_ARGUMENT;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case EXISTS -> Status.Code.ALREADY_EXISTS;
      case PRECONDITION -> Status.Code.FAILED_PRECONDITION;
      case CONFLICT -> Status.Code.ABORTED;
      case EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
      case UNIMPLEMENTED -> Status.Code.UNIMPLEMENTED;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }
}
