package dev.ramet.coordinator.fleet;

import java.time.Duration;
import java.util.List;

/**
 * An instance on a host.
 *
 * @param problem why it is dead
 * @param steps of its start, where this is the answer to one
 */
public record InstanceSeen(String id, Condition condition, String problem, List<TimedStep> steps) {
  /** Whether it runs. */
  public enum Condition {
    STARTING,
    RUNNING,
    /** Held still. */
    FROZEN,
    DEAD
  }

  /** One step of a start. */
  public record TimedStep(String name, Duration elapsed) {}

  public InstanceSeen {
    steps = List.copyOf(steps);
  }
}
