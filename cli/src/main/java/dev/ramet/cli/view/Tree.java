package dev.ramet.cli.view;

import dev.ramet.client.Failure;
import dev.ramet.client.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pieces of trees that several things have. */
final class Tree {
  private Tree() {}

  static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  static @Nullable Map<String, @Nullable Object> failure(@Nullable Failure failure) {
    if (failure == null) {
      return null;
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("code", failure.code());
    tree.put("message", failure.message());
    tree.put("retryable", failure.retryable());
    tree.put("logTail", failure.logTail());
    return tree;
  }

  /** {@code {steps: {name: ms}, total: ms}}; steps of one name are added up. */
  static Map<String, @Nullable Object> timings(List<Step> steps, Duration total) {
    Map<String, @Nullable Object> millis = new LinkedHashMap<>();
    for (Step step : steps) {
      Object before = millis.get(step.name());
      double sum = millis(step.elapsed()).doubleValue();
      millis.put(
          step.name(), before instanceof Number n ? rounded(n.doubleValue() + sum) : rounded(sum));
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("steps", millis);
    tree.put("total", millis(total));
    return tree;
  }

  static Number millis(Duration duration) {
    return rounded(duration.toNanos() / 1e6);
  }

  private static Number rounded(double millis) {
    double tenths = Math.round(millis * 10) / 10.0;
    if (tenths == Math.rint(tenths)) {
      return (long) tenths;
    }
    return tenths;
  }

  static List<Map<String, @Nullable Object>> steps(List<Step> steps) {
    return steps.stream()
        .map(step -> {
          Map<String, @Nullable Object> tree = new LinkedHashMap<>();
          tree.put("name", step.name());
          tree.put("state", step.state().name());
          tree.put("startTime", time(step.startTime()));
          tree.put("milliseconds", millis(step.elapsed()));
          tree.put("bytesDone", step.bytesDone());
          tree.put("bytesTotal", step.bytesTotal());
          return tree;
        })
        .toList();
  }

  /** "a=1, b=2". */
  static String pairs(Map<String, String> map) {
    StringBuilder text = new StringBuilder();
    map.forEach((key, value) ->
        text.append(text.isEmpty() ? "" : ", ").append(key).append('=').append(value));
    return text.toString();
  }
}
