package dev.ramet.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results of a benchmark, as a table for people and as JSON for machines. */
final class BenchReport {
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param target what design says of it; empty: nothing
   * @param met whether it is met; null: no target
   */
  private record Row(
      String key,
      String what,
      Map<String, Object> figures,
      String target,
      @org.jspecify.annotations.Nullable Boolean met) {}

  void times(String key, String what, Samples samples) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("median_ms", round(samples.median()));
    figures.put("p95_ms", round(samples.p95()));
    figures.put("rounds", samples.size());
    rows.add(new Row(key, what, figures, "", null));
  }

  /** A figure that should be at most the limit. */
  void atMost(String key, String what, String unit, double value, double limit) {
    rows.add(new Row(key, what, Map.of(unit, round(value)), "≤ " + plain(limit), value <= limit));
  }

  /** A figure that should be at least the limit. */
  void atLeast(String key, String what, String unit, double value, double limit) {
    rows.add(new Row(key, what, Map.of(unit, round(value)), "≥ " + plain(limit), value >= limit));
  }

  void figure(String key, String what, String unit, double value) {
    rows.add(new Row(key, what, Map.of(unit, round(value)), "", null));
  }

  String table() {
    StringBuilder text = new StringBuilder();
    text.append("%-62s %14s %12s  %s%n".formatted("", "median/value", "p95", "target"));
    for (Row row : rows) {
      boolean times = row.figures.containsKey("median_ms");
      Map.Entry<String, Object> first = row.figures.entrySet().iterator().next();
      String value = plain((double) first.getValue()) + " " + (times ? "ms" : first.getKey());
      String p95 = times ? plain((double) row.figures.get("p95_ms")) + " ms" : "";
      String target = row.target + (row.met == null ? "" : row.met ? "  met" : "  MISSED");
      text.append("%-62s %14s %12s  %s%n".formatted(row.what, value, p95, target));
    }
    return text.toString();
  }

  String json() {
    List<String> lines = new ArrayList<>();
    for (Row row : rows) {
      StringBuilder line =
          new StringBuilder("  \"" + row.key + "\": {\"what\": \"" + row.what + "\"");
      row.figures.forEach(
          (name, value) -> line.append(", \"").append(name).append("\": ").append(number(value)));
      if (row.met != null) {
        line.append(", \"target\": \"").append(row.target).append("\", \"met\": ").append(row.met);
      }
      lines.add(line.append("}").toString());
    }
    return "{\n" + String.join(",\n", lines) + "\n}\n";
  }

  private static String number(Object value) {
    return value instanceof Double real && !Double.isFinite(real) ? "null" : value.toString();
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private static String plain(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
  }
}
