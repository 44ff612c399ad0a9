package dev.ramet.coordinator.fault;

import java.util.List;
import java.util.Map;

/**
 * One thing that went wrong.
 *
 * @param code an {@link ErrorCode}'s name, or an agent's code
 * @param message what happened, to which thing, what to do next: one line, no secret in it
 * @param retryable the same request may succeed later without anybody changing it
 * @param logTail last log lines of the instance or tool, where there are any
 * @param metadata further facts for machines
 * @param fields for {@link FaultKind#INVALID}: every field that is wrong
 */
public record Fault(
    String code,
    FaultKind kind,
    String message,
    boolean retryable,
    List<String> logTail,
    Map<String, String> metadata,
    List<FieldFault> fields) {

  /** What is wrong with one field of a request. */
  public record FieldFault(String field, String problem) {}

  public Fault {
    logTail = List.copyOf(logTail);
    metadata = Map.copyOf(metadata);
    fields = List.copyOf(fields);
  }

  public static Fault of(ErrorCode code, String message) {
    return new Fault(
        code.name(), code.kind(), message, code.retryable(), List.of(), Map.of(), List.of());
  }

  public Fault withMetadata(Map<String, String> facts) {
    return new Fault(code, kind, message, retryable, logTail, facts, fields);
  }

  public Fault withLogTail(List<String> lines) {
    return new Fault(code, kind, message, retryable, lines, metadata, fields);
  }

  public Fault withMessage(String words) {
    return new Fault(code, kind, words, retryable, logTail, metadata, fields);
  }

  public Fault withFields(List<FieldFault> faults) {
    return new Fault(code, kind, message, retryable, logTail, metadata, faults);
  }

  public boolean is(ErrorCode other) {
    return code.equals(other.name());
  }
}
