package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.placement.Decision;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.placement.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Words and a code for "no host can take it". */
final class Rejections {
  private Rejections() {}

  static FaultException exception(Decision.Rejected rejected, String what) {
    ErrorCode code =
        Placement.commonReason(rejected).map(Rejections::code).orElse(ErrorCode.NO_HOST);
    Map<String, String> reasons = new LinkedHashMap<>();
    rejected.table().stream()
        .filter(line -> line.refusal().isPresent())
        .filter(line -> line.refusal().get().reason() != Refusal.Reason.NOT_ASKED_FOR)
        .forEach(line -> reasons.put(line.host(), line.refusal().get().words()));
    String words =
        reasons.isEmpty()
            ? "there is no host: start an agent that reports to this coordinator"
            : reasons.entrySet().stream()
                .map(reason -> reason.getKey() + ": " + reason.getValue())
                .collect(Collectors.joining("; "));
    Fault fault =
        code.fault("no host can take %s: %s".formatted(what, words)).withMetadata(reasons);
    return new FaultException(fault);
  }

  private static ErrorCode code(Refusal.Reason reason) {
    return switch (reason) {
      case NOT_ASKED_FOR, NO_POOL, TOO_FEW_CPUS -> ErrorCode.NO_HOST;
      case NOT_ALIVE -> ErrorCode.HOST_LOST;
      case CORDONED -> ErrorCode.HOST_CORDONED;
      case NO_REPLICA -> ErrorCode.NO_REPLICA;
      case POOL_UNHEALTHY -> ErrorCode.POOL_UNHEALTHY;
      case RUNTIME_MISSING -> ErrorCode.RUNTIME_UNAVAILABLE;
      case ENGINE_MISSING -> ErrorCode.ENGINE_VERSION_MISSING;
      case GROWTH_UNSUPPORTED -> ErrorCode.GROWTH_UNSUPPORTED;
      case NO_ROOM -> ErrorCode.POOL_FULL;
      case PORT_TAKEN -> ErrorCode.PORT_TAKEN;
      case PORTS_EXHAUSTED -> ErrorCode.PORTS_EXHAUSTED;
    };
  }

  /** "a, b, c" of what there is; for messages about what is not. */
  static String listed(List<String> names, String none) {
    if (names.isEmpty()) {
      return none;
    }
    int shown = Math.min(names.size(), 20);
    String text = String.join(", ", names.subList(0, shown));
    return names.size() > shown ? text + ", ..." : text;
  }
}
