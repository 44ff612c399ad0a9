package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Failure;
import dev.ramet.client.Operation;
import dev.ramet.client.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operations as they are shown. */
public final class OperationView {
  private OperationView() {}

  /** Everything about an operation. */
  public static Map<String, @Nullable Object> tree(Operation operation) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", operation.id());
    tree.put("kind", operation.kind().name());
    tree.put("target", operation.target());
    tree.put("state", state(operation));
    tree.put("done", operation.done());
    tree.put("failure", Tree.failure(operation.failure()));
    tree.put("steps", Tree.steps(operation.steps()));
    tree.put("createTime", Tree.time(operation.createTime()));
    tree.put("endTime", Tree.time(operation.endTime()));
    return tree;
  }

  /** RUNNING, SUCCEEDED or FAILED. */
  private static String state(Operation operation) {
    if (!operation.done()) {
      return "RUNNING";
    }
    return operation.failure() == null ? "SUCCEEDED" : "FAILED";
  }

  /** One row for each operation. */
  public static String table(List<Operation> operations, Instant now) {
    TextTable table =
        TextTable.withHeadings("ID", "KIND", "TARGET", "STATE", "STEP", "TOOK", "AGE");
    for (Operation operation : operations) {
      table.row(
          operation.id(),
          operation.kind().name(),
          operation.target(),
          state(operation),
          operation.done() ? "" : runningStep(operation),
          took(operation, now),
          Units.age(operation.createTime(), now));
    }
    return table.toString();
  }

  private static String runningStep(Operation operation) {
    return operation.steps().stream()
        .filter(step -> step.state() == Step.State.RUNNING)
        .map(Step::name)
        .reduce((first, second) -> second)
        .orElse("");
  }

  private static String took(Operation operation, Instant now) {
    Instant start = operation.createTime();
    if (start == null) {
      return "";
    }
    Instant end = operation.endTime() == null ? now : operation.endTime();
    return Units.elapsed(Duration.between(start, end));
  }

  /** One operation: a line for each thing about it, then its steps. */
  public static String text(Operation operation, Instant now) {
    Failure failure = operation.failure();
    TextTable head =
        TextTable.ofPairs()
            .pair("id", operation.id())
            .pair("kind", operation.kind().name())
            .pair("target", operation.target())
            .pair("state", state(operation))
            .pair("failure", failure == null ? "" : failure.code() + ": " + failure.message())
            .pair("took", took(operation, now))
            .pair("age", Units.age(operation.createTime(), now));
    TextTable steps = TextTable.withHeadings("STEP", "STATE", "TIME", "BYTES");
    for (Step step : operation.steps()) {
      steps.row(
          step.name(),
          step.state().name(),
          Units.elapsed(step.elapsed()),
          Units.sizeOrNothing(step.bytesDone()));
    }
    return head + "\n" + steps;
  }
}
