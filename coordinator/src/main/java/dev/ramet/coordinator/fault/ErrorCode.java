package dev.ramet.coordinator.fault;

/**
 * The coordinator's own error codes, sorted by who must act. They stand in {@code Failure.code} and
 * in {@code google.rpc.ErrorInfo.reason}. Codes of agents (docs/errors.md lists both) pass through
 * under their own names.
 */
public enum ErrorCode {
  // --- the caller: the request ---
  INVALID_ARGUMENT(FaultKind.INVALID, false),
  UNKNOWN_FIELD(FaultKind.INVALID, false),
  IMAGE_NOT_FOUND(FaultKind.NOT_FOUND, false),
  REVISION_NOT_FOUND(FaultKind.NOT_FOUND, false),
  CLONE_NOT_FOUND(FaultKind.NOT_FOUND, false),
  HOST_NOT_FOUND(FaultKind.NOT_FOUND, false),
  OPERATION_NOT_FOUND(FaultKind.NOT_FOUND, false),
  SAVE_NOT_FOUND(FaultKind.NOT_FOUND, false),
  ARRAY_NOT_FOUND(FaultKind.NOT_FOUND, false),
  CLONE_EXISTS(FaultKind.EXISTS, false),
  SAVE_EXISTS(FaultKind.EXISTS, false),
  IMAGE_ENGINE_DIFFERS(FaultKind.EXISTS, false),
  REQUEST_ID_REUSED(FaultKind.EXISTS, false),
  HOST_NAME_HELD(FaultKind.EXISTS, false),
  ARRAY_EXISTS(FaultKind.EXISTS, false),

  // --- the caller: the state of things ---
  IMAGE_NOT_READY(FaultKind.PRECONDITION, false),
  IMAGE_HAS_CLONES(FaultKind.PRECONDITION, false),
  CLONE_NOT_READY(FaultKind.PRECONDITION, false),
  CLONE_PROTECTED(FaultKind.PRECONDITION, false),
  CLONE_IN_USE(FaultKind.PRECONDITION, false),
  CLONE_OVER_CAP(FaultKind.PRECONDITION, false),
  CLONE_HAS_BRANCHES(FaultKind.PRECONDITION, false),
  SAVE_NOT_READY(FaultKind.PRECONDITION, true),
  SAVE_HAS_BRANCHES(FaultKind.PRECONDITION, false),
  HOST_ALIVE(FaultKind.PRECONDITION, false),
  HOST_IN_USE(FaultKind.PRECONDITION, false),
  ARRAY_IN_USE(FaultKind.PRECONDITION, false),
  BEING_DELETED(FaultKind.CONFLICT, true),
  ETAG_MISMATCH(FaultKind.CONFLICT, false),
  CONCURRENT_CHANGE(FaultKind.CONFLICT, true),
  PORT_TAKEN(FaultKind.PRECONDITION, false),
  HOST_CORDONED(FaultKind.PRECONDITION, false),
  RUNTIME_UNAVAILABLE(FaultKind.PRECONDITION, false),
  ENGINE_VERSION_MISSING(FaultKind.PRECONDITION, false),
  NO_REPLICA(FaultKind.PRECONDITION, true),
  NO_HOST(FaultKind.PRECONDITION, false),
  INSTANCE_NOT_RUNNING(FaultKind.PRECONDITION, false),
  GROWTH_UNSUPPORTED(FaultKind.UNIMPLEMENTED, false),

  // --- the operator: resources and parts ---
  POOL_FULL(FaultKind.EXHAUSTED, false),
  POOL_UNHEALTHY(FaultKind.PRECONDITION, false),
  PORTS_EXHAUSTED(FaultKind.EXHAUSTED, false),
  HOST_LOST(FaultKind.UNAVAILABLE, true),
  ARRAY_UNUSABLE(FaultKind.PRECONDITION, true),
  AGENT_UNREACHABLE(FaultKind.UNAVAILABLE, true),
  AGENT_TIMEOUT(FaultKind.TIMEOUT, true),
  STORE_UNAVAILABLE(FaultKind.UNAVAILABLE, true),
  NO_LEADER(FaultKind.UNAVAILABLE, true),

  // --- what the reconciler found ---
  DATA_LOST(FaultKind.PRECONDITION, false),
  HOST_REMOVED(FaultKind.PRECONDITION, false),
  BUILD_LOST(FaultKind.PRECONDITION, true),
  CANCELLED(FaultKind.PRECONDITION, false),
  SAVE_FAILED(FaultKind.PRECONDITION, false),

  // --- us ---
  INTERNAL(FaultKind.INTERNAL, false);

  private final FaultKind kind;
  private final boolean retryable;

  ErrorCode(FaultKind kind, boolean retryable) {
    this.kind = kind;
    this.retryable = retryable;
  }

  public FaultKind kind() {
    return kind;
  }

  /** The same request may succeed later without anybody changing it. */
  public boolean retryable() {
    return retryable;
  }

  public Fault fault(String message) {
    return Fault.of(this, message);
  }

  public FaultException exception(String message) {
    return new FaultException(fault(message));
  }
}
