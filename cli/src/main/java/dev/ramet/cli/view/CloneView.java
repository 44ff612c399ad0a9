package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Failure;
import dev.ramet.client.Placement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Clones as they are shown. */
public final class CloneView {
  /** Of the server of a clone that is down; {@code ramet clone logs} has more. */
  private static final int LOG_LINES = 10;

  private CloneView() {}

  /** Everything, the password too: for the one clone that was asked for. */
  public static Map<String, @Nullable Object> tree(Clone clone) {
    Map<String, @Nullable Object> tree = withoutSecrets(clone);
    tree.put("password", clone.password().reveal());
    tree.put("url", clone.url().reveal());
    tree.put("timings", Tree.timings(clone.timings(), clone.totalTime()));
    tree.put("placement", placement(clone.placement()));
    return tree;
  }

  /** For lists. */
  public static Map<String, @Nullable Object> withoutSecrets(Clone clone) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", clone.name());
    tree.put("uid", clone.uid());
    tree.put("image", clone.image());
    tree.put("revision", clone.revision());
    tree.put("host", clone.host());
    tree.put("runtime", clone.runtime());
    tree.put("state", clone.state().name());
    tree.put("hostLost", clone.hostLost());
    tree.put("warm", clone.warm());
    tree.put("failure", Tree.failure(clone.failure()));
    tree.put("endpoint", endpoint(clone));
    tree.put("database", clone.database());
    tree.put("user", clone.user());
    tree.put("labels", clone.spec().labels());
    tree.put("spec", spec(clone.spec()));
    tree.put("createTime", Tree.time(clone.createTime()));
    tree.put("readyTime", Tree.time(clone.readyTime()));
    tree.putAll(CloneLifeView.tree(clone.life()));
    return tree;
  }

  private static @Nullable Map<String, @Nullable Object> endpoint(Clone clone) {
    if (clone.endpoint() == null) {
      return null;
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("host", clone.endpoint().host());
    tree.put("port", clone.endpoint().port());
    return tree;
  }

  private static Map<String, @Nullable Object> spec(CloneSpec spec) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("image", spec.image());
    tree.put("host", spec.host());
    tree.put("runtime", spec.runtime());
    tree.put("engineOptions", spec.engineOptions());
    tree.put("sizeLimitBytes", spec.sizeLimitBytes());
    tree.put("memoryLimitBytes", spec.memoryLimitBytes());
    tree.put("cpuLimitMillis", spec.cpuLimitMillis());
    tree.put("port", spec.port());
    tree.put("from", spec.from());
    return tree;
  }

  private static List<Map<String, @Nullable Object>> placement(Placement placement) {
    return placement.candidates().stream()
        .map(candidate -> {
          Map<String, @Nullable Object> tree = new LinkedHashMap<>();
          tree.put("host", candidate.host());
          tree.put("chosen", candidate.chosen());
          tree.put("score", candidate.score());
          tree.put("scores", candidate.scores());
          tree.put("rejection", candidate.rejection());
          return tree;
        })
        .toList();
  }

  /** One row for each clone. */
  public static String table(List<Clone> clones, Instant now) {
    TextTable table =
        TextTable.withHeadings(
            "NAME", "STATE", "IMAGE", "HOST", "RUNTIME", "ENDPOINT", "AGE", "EXPIRES");
    for (Clone clone : clones) {
      table.row(
          clone.name(),
          state(clone),
          clone.image() + ":" + clone.revision(),
          clone.host(),
          clone.runtime(),
          clone.endpoint() == null ? "" : clone.endpoint().toString(),
          Units.age(clone.createTime(), now),
          CloneLifeView.expiry(clone.life(), now));
    }
    return table.toString();
  }

  private static String state(Clone clone) {
    Failure failure = clone.failure();
    boolean stopping = clone.state() == Clone.State.STOPPED && clone.life().reconciling();
    String state = stopping ? "STOPPING" : clone.state().name();
    if (failure != null) {
      state += " " + failure.code();
    }
    return clone.hostLost() ? state + " (host lost)" : state;
  }

  /** One clone, a line for each thing about it. */
  public static String text(Clone clone, Instant now) {
    CloneSpec spec = clone.spec();
    Failure failure = clone.failure();
    TextTable table = TextTable.ofPairs();
    table
        .pair("name", clone.name())
        .pair("state", state(clone))
        .pair("failure", failure == null ? "" : failure.message())
        .pair("image", clone.image() + ":" + clone.revision())
        .pair("host", clone.host())
        .pair("runtime", clone.runtime())
        .pair("endpoint", clone.endpoint() == null ? "" : clone.endpoint().toString())
        .pair("database", clone.database())
        .pair("user", clone.user())
        .pair("password", clone.password().reveal())
        .pair("url", clone.url().reveal())
        .pair("labels", Tree.pairs(spec.labels()))
        .pair("options", Tree.pairs(spec.engineOptions()))
        .pair("size limit", Units.sizeOrNothing(spec.sizeLimitBytes()))
        .pair("memory", Units.sizeOrNothing(spec.memoryLimitBytes()))
        .pair("cpus", spec.cpuLimitMillis() == 0 ? "" : "" + spec.cpuLimitMillis() / 1000.0)
        .pair("age", Units.age(clone.createTime(), now))
        .pair(clone.warm() ? "taken in" : "made in", timings(clone));
    CloneLifeView.addPairs(table, clone.life(), now);
    if (failure != null) {
      failure.logTail().stream()
          .skip(Math.max(0, failure.logTail().size() - LOG_LINES))
          .forEach(line -> table.pair("its log", line));
    }
    return table.toString();
  }

  private static String timings(Clone clone) {
    if (clone.totalTime().isZero()) {
      return "";
    }
    StringBuilder text = new StringBuilder(Tree.millis(clone.totalTime()) + " ms");
    String separator = " (";
    for (var step : clone.timings()) {
      text.append(separator).append(step.name()).append(' ').append(Tree.millis(step.elapsed()));
      separator = ", ";
    }
    return clone.timings().isEmpty() ? text.toString() : text.append(')').toString();
  }

  /** The score table: why the clone is where it is. */
  public static String why(Placement placement) {
    Set<String> criteria = new TreeSet<>();
    placement.candidates().forEach(candidate -> criteria.addAll(candidate.scores().keySet()));
    String[] headings = new String[criteria.size() + 3];
    headings[0] = "HOST";
    headings[1] = "SCORE";
    int column = 2;
    for (String criterion : criteria) {
      headings[column++] = criterion.toUpperCase(java.util.Locale.ROOT);
    }
    headings[column] = "DECISION";
    TextTable table = TextTable.withHeadings(headings);
    placement.candidates().forEach(candidate -> table.row(row(candidate, criteria)));
    return table.toString();
  }

  private static String[] row(Placement.Candidate candidate, Set<String> criteria) {
    boolean rejected = !candidate.rejection().isEmpty();
    String[] cells = new String[criteria.size() + 3];
    cells[0] = candidate.host();
    cells[1] = rejected ? "" : hundredths(candidate.score());
    int column = 2;
    for (String criterion : criteria) {
      Double score = candidate.scores().get(criterion);
      cells[column++] = score == null ? "" : hundredths(score);
    }
    cells[column] = rejected ? candidate.rejection() : candidate.chosen() ? "chosen" : "";
    return cells;
  }

  private static String hundredths(double value) {
    return Double.toString(Math.round(value * 100) / 100.0);
  }
}
