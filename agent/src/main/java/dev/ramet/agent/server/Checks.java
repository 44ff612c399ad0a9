package dev.ramet.agent.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks the fields of one request and refuses it with all faults at once. */
final class Checks {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9.-]{0,126}");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern TARGET = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9.-]+):\\d+");
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z.:-]{1,253}");
  private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_-]{0,62}");

  private final Map<String, String> violations = new LinkedHashMap<>();

  /** A pool's name. */
  Checks pool(String field, String value) {
    return match(field, value, LABEL, "must be a pool's name: a DNS label");
  }

  /** An id of a volume, snapshot or instance. */
  Checks id(String field, String value) {
    if (value.contains("..")) {
      return fault(field, "must not contain '..'");
    }
    return match(
        field,
        value,
        ID,
        "must be 1 to 127 of a-z, 0-9, '-' and '.', beginning with a letter or digit");
  }

  /** The same as another field says. */
  Checks same(String field, String value, String otherField, String other) {
    return value.equals(other) ? this : fault(field, "must be the same as " + otherField);
  }

  /** An id that may be left out. */
  Checks optionalId(String field, String value) {
    return value.isEmpty() ? this : id(field, value);
  }

  /** One id of two; the other is left out. */
  Checks oneId(String field, String value, String otherField, String other) {
    if (other.isEmpty()) {
      return id(field, value);
    }
    return value.isEmpty()
        ? id(otherField, other)
        : fault(otherField, "must be empty where " + field + " is set");
  }

  /** Not empty. */
  Checks required(String field, String value) {
    return value.isEmpty() ? fault(field, "must be set") : this;
  }

  /** host:port. */
  Checks target(String field, String value) {
    return match(field, value, TARGET, "must be host:port");
  }

  /** Name or number of an address. */
  Checks address(String field, String value) {
    return match(field, value, ADDRESS, "must be an address");
  }

  /** A name of a database user. */
  Checks identifier(String field, String value) {
    return match(field, value, IDENTIFIER, "must be 1 to 63 of a-z, 0-9, '_' and '-'");
  }

  /** Above 0. */
  Checks positive(String field, long value) {
    return value > 0 ? this : fault(field, "must be greater than 0, is " + value);
  }

  /** 0 or above. */
  Checks notNegative(String field, long value) {
    return value >= 0 ? this : fault(field, "must not be negative, is " + value);
  }

  /** Not above the greatest, for the reason that is told. */
  Checks atMost(String field, long value, long greatest, String fault) {
    return value <= greatest ? this : fault(field, fault);
  }

  /** Name or number of an address; may be left out where nothing listens, on port 0. */
  Checks listenAddress(String field, String value, int port) {
    return port == 0 && value.isEmpty() ? this : address(field, value);
  }

  /** A port that can be listened on, or 0. */
  Checks portOrNone(String field, int value) {
    return value == 0 ? this : port(field, value);
  }

  /** A port that can be listened on. */
  Checks port(String field, int value) {
    return value > 0 && value <= 65535 ? this : fault(field, "must be 1 to 65535, is " + value);
  }

  /**
   * Ends the check.
   *
   * @throws InvalidRequestException with all faults, if there are any
   */
  void done() {
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
  }

  private Checks match(String field, String value, Pattern pattern, String fault) {
    return pattern.matcher(value).matches()
        ? this
        : fault(field, value.isEmpty() ? "must be set" : fault);
  }

  private Checks fault(String field, String fault) {
    violations.putIfAbsent(field, fault);
    return this;
  }
}
