package dev.ramet.agent.server;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request has malformed fields: all of them, by name. */
final class InvalidRequestException extends RuntimeException {
  private final Map<String, String> violations;

  InvalidRequestException(Map<String, String> violations) {
    super(message(violations));
    this.violations = Collections.unmodifiableMap(new LinkedHashMap<>(violations));
  }

  /** Field name to what is wrong with it. */
  Map<String, String> violations() {
    return violations;
  }

  private static String message(Map<String, String> violations) {
    StringBuilder message = new StringBuilder();
    violations.forEach((field, fault) ->
        message.append(message.isEmpty() ? "" : "; ").append(field).append(": ").append(fault));
    return message.toString();
  }
}
