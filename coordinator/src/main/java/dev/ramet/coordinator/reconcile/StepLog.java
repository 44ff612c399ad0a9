package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.InstanceSeen.TimedStep;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.v1.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Times of the steps of one creation, in order. */
final class StepLog {
  private final List<Step> steps;
  private final Telemetry telemetry;

  StepLog(List<Step> before, Telemetry telemetry) {
    this.steps = new ArrayList<>(before);
    this.telemetry = telemetry;
  }

  void add(String name, Instant begin, Duration elapsed) {
    Duration shown = elapsed.isNegative() ? Duration.ZERO : elapsed;
    steps.add(
        Step.newBuilder()
            .setName(name)
            .setState(Step.State.SUCCEEDED)
            .setStartTime(Times.message(begin))
            .setElapsed(Times.message(shown))
            .build());
    telemetry.cloneStep(name, shown);
  }

  /** The steps of a start as the agent told them, or one step where it told none. */
  void addStart(Instant begin, Duration elapsed, List<TimedStep> told) {
    if (told.isEmpty()) {
      add("start", begin, elapsed);
      return;
    }
    Instant from = begin;
    for (TimedStep step : told) {
      add(step.name(), from, step.elapsed());
      from = from.plus(step.elapsed());
    }
    // What the agent does around its steps, and the way there and back.
    add("call", from, Duration.between(from, begin.plus(elapsed)));
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }
}
