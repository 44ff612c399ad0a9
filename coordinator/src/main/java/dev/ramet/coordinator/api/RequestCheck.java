package dev.ramet.coordinator.api;

import com.google.protobuf.FieldMask;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault.FieldFault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.names.DnsLabel;
import dev.ramet.coordinator.records.LifetimeRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Collects all that is wrong with one request, so that its sender hears of everything at once. */
final class RequestCheck {
  private static final Pattern LABEL_KEY =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final int MAX_LABELS = 64;
  private static final int MAX_LABEL_VALUE = 128;
  private static final int MAX_PAGE = 1000;

  private final List<FieldFault> faults = new ArrayList<>();

  /** Where no more than one thing can be wrong. */
  static FaultException refusal(String field, String problem) {
    return new FaultException(
        ErrorCode.INVALID_ARGUMENT
            .fault(field + ": " + problem)
            .withFields(List.of(new FieldFault(field, problem))));
  }

  RequestCheck fault(String field, String problem) {
    faults.add(new FieldFault(field, problem));
    return this;
  }

  RequestCheck require(boolean holds, String field, String problem) {
    return holds ? this : fault(field, problem);
  }

  /** A name that must be there. */
  RequestCheck name(String field, String value) {
    DnsLabel.problem(value).ifPresent(problem -> fault(field, problem));
    return this;
  }

  RequestCheck nameOrEmpty(String field, String value) {
    return value.isEmpty() ? this : name(field, value);
  }

  RequestCheck notNegative(String field, long value) {
    return require(value >= 0, field, "is negative");
  }

  /** No more than this limit allows. */
  RequestCheck within(LifetimeRules.Limit limit, String field, Duration length) {
    return require(
        limit.allows(length),
        field,
        "%s is more than the %s that %s allows"
            .formatted(Durations.text(length), Durations.text(limit.most()), limit.by()));
  }

  RequestCheck labels(String field, Map<String, String> labels) {
    require(labels.size() <= MAX_LABELS, field, "more than %d labels".formatted(MAX_LABELS));
    labels.forEach((key, value) -> {
      if (!LABEL_KEY.matcher(key).matches()) {
        fault(
            field,
            "%s is not a label's key: 1 to 63 letters, digits, '.', '_', '/' and '-'"
                .formatted(DnsLabel.quote(key)));
      }
      require(
          value.length() <= MAX_LABEL_VALUE && isPlain(value),
          field,
          "the value of %s is longer than %d characters or has control characters"
              .formatted(DnsLabel.quote(key), MAX_LABEL_VALUE));
    });
    return this;
  }

  RequestCheck plainText(String field, String value, int maxLength) {
    return require(
        value.length() <= maxLength && isPlain(value),
        field,
        "is longer than %d characters or has control characters".formatted(maxLength));
  }

  RequestCheck uuidOrEmpty(String field, String value) {
    return require(
        value.isEmpty() || UUID.matcher(value).matches(),
        field,
        "%s is not a UUID".formatted(DnsLabel.quote(value)));
  }

  RequestCheck pageSize(int size) {
    return require(
        size >= 0 && size <= MAX_PAGE, "page_size", "is not within 0 and %d".formatted(MAX_PAGE));
  }

  /** Each path must be one of those that can be updated. */
  RequestCheck mask(FieldMask mask, Set<String> updatable) {
    require(mask.getPathsCount() > 0, "update_mask", "is missing: it may hold " + join(updatable));
    for (String path : mask.getPathsList()) {
      require(
          updatable.contains(path),
          "update_mask",
          "%s cannot be updated; possible: %s".formatted(DnsLabel.quote(path), join(updatable)));
    }
    return this;
  }

  /** Throws where anything was wrong. */
  void done() {
    if (faults.isEmpty()) {
      return;
    }
    String words =
        faults.stream()
            .map(fault -> fault.field() + ": " + fault.problem())
            .collect(Collectors.joining("; "));
    throw new FaultException(ErrorCode.INVALID_ARGUMENT.fault(words).withFields(faults));
  }

  static boolean isPlain(String text) {
    return text.codePoints().noneMatch(Character::isISOControl);
  }

  private static String join(Set<String> words) {
    return words.stream().sorted().collect(Collectors.joining(", "));
  }
}
