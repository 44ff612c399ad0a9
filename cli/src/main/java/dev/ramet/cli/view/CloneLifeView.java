package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.CloneLife;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How long a clone lives, as it is shown. */
final class CloneLifeView {
  private CloneLifeView() {}

  static Map<String, @Nullable Object> tree(CloneLife life) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("origin", life.origin());
    tree.put("reconciling", life.reconciling());
    tree.put("expireTime", Tree.time(life.expireTime()));
    tree.put("idleTtlSeconds", life.idleTtl().toSeconds());
    tree.put("lastUsedTime", Tree.time(life.lastUsedTime()));
    tree.put("protectedUntil", Tree.time(life.protectedUntil()));
    tree.put("warnings", life.warnings().stream().map(CloneLifeView::tree).toList());
    tree.put("lastReset", life.lastReset() == null ? null : tree(life.lastReset()));
    tree.put("growth", life.growth() == null ? null : tree(life.growth()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(CloneLife.Growth growth) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("limitBytes", growth.limitBytes());
    tree.put("bytes", growth.bytes());
    tree.put("readTime", Tree.time(growth.readTime()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(CloneLife.Warning warning) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("code", warning.code());
    tree.put("message", warning.message());
    tree.put("time", Tree.time(warning.time()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(CloneLife.Reset reset) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("to", reset.to());
    tree.put("requestTime", Tree.time(reset.requestTime()));
    tree.put("endTime", Tree.time(reset.endTime()));
    tree.put("failure", Tree.failure(reset.failure()));
    tree.put("timings", Tree.timings(reset.timings(), length(reset)));
    return tree;
  }

  private static Duration length(CloneLife.Reset reset) {
    return reset.requestTime() == null || reset.endTime() == null
        ? Duration.ZERO
        : Duration.between(reset.requestTime(), reset.endTime());
  }

  /** "in 3h"; empty: never. */
  static String expiry(CloneLife life, Instant now) {
    return in(life.expireTime(), now);
  }

  private static String in(@Nullable Instant time, Instant now) {
    if (time == null) {
      return "";
    }
    return time.isAfter(now) ? "in " + Units.age(now, time) : "now";
  }

  static void addPairs(TextTable table, CloneLife life, Instant now) {
    table
        .pair("made from", life.origin())
        .pair("expires", in(life.expireTime(), now))
        .pair("idle limit", life.idleTtl().isZero() ? "" : Units.elapsed(life.idleTtl()))
        .pair("last used", ago(life.lastUsedTime(), now))
        .pair(
            "protected", isAhead(life.protectedUntil(), now) ? in(life.protectedUntil(), now) : "")
        .pair("last reset", lastReset(life.lastReset()))
        .pair("growth", growth(life.growth()));
    List<CloneLife.Warning> warnings = life.warnings();
    warnings.forEach(warning -> table.pair("warning", warning.message()));
  }

  private static String growth(CloneLife.@Nullable Growth growth) {
    if (growth == null) {
      return "";
    }
    String limit = "of " + Units.size(growth.limitBytes());
    return growth.readTime() == null ? limit : Units.size(growth.bytes()) + " " + limit;
  }

  private static boolean isAhead(@Nullable Instant time, Instant now) {
    return time != null && time.isAfter(now);
  }

  private static String ago(@Nullable Instant time, Instant now) {
    return time == null ? "" : Units.age(time, now) + " ago";
  }

  private static String lastReset(CloneLife.@Nullable Reset reset) {
    if (reset == null) {
      return "";
    }
    if (reset.failure() != null) {
      return "to " + reset.to() + " failed: " + reset.failure().message();
    }
    return reset.endTime() == null
        ? "to " + reset.to() + " goes on"
        : "to " + reset.to() + " in " + Tree.millis(length(reset)) + " ms";
  }
}
