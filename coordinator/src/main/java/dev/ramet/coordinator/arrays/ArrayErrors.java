package dev.ramet.coordinator.arrays;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultKind;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.util.List;
import java.util.Map;

/** The one place where an array's refusal becomes a fault and a verdict, as an agent's would. */
final class ArrayErrors {
  private ArrayErrors() {}

  static AgentException translate(StorageException error) {
    boolean passing = isPassing(error.error());
    Fault fault =
        new Fault(
            error.error().name(),
            kind(error.error()),
            String.valueOf(error.getMessage()),
            passing,
            List.of(),
            Map.of(),
            List.of());
    return new AgentException(
        passing ? AgentException.Verdict.TRANSIENT : AgentException.Verdict.DEFINITE, fault, error);
  }

  /** For what a repeat does not change. */
  static AgentException definite(Fault fault) {
    return new AgentException(
        AgentException.Verdict.DEFINITE, fault, new IllegalStateException(fault.message()));
  }

  /** For what may be otherwise soon. */
  static AgentException transientFault(Fault fault) {
    return new AgentException(
        AgentException.Verdict.TRANSIENT, fault, new IllegalStateException(fault.message()));
  }

  private static boolean isPassing(StorageError error) {
    return switch (error) {
      case UNREACHABLE, IO -> true;
      case INVALID_ARGUMENT,
          OUT_OF_RANGE,
          NOT_FOUND,
          ALREADY_EXISTS,
          IN_USE,
          HAS_DEPENDANTS,
          UNSUPPORTED,
          ACCESS_DENIED,
          POOL_FULL,
          POOL_UNHEALTHY,
          DEVICE ->
          false;
    };
  }

  private static FaultKind kind(StorageError error) {
    return switch (error) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> FaultKind.INVALID;
      case NOT_FOUND -> FaultKind.NOT_FOUND;
      case ALREADY_EXISTS -> FaultKind.EXISTS;
      case IN_USE, HAS_DEPENDANTS, ACCESS_DENIED, POOL_UNHEALTHY -> FaultKind.PRECONDITION;
      case UNSUPPORTED -> FaultKind.UNIMPLEMENTED;
      case UNREACHABLE -> FaultKind.UNAVAILABLE;
      case POOL_FULL -> FaultKind.EXHAUSTED;
      case DEVICE, IO -> FaultKind.INTERNAL;
    };
  }
}
