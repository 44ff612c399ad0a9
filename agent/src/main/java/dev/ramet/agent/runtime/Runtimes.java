package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.List;

/** The runtimes of this agent, preferred first. */
public final class Runtimes {
  private final List<InstanceRuntime> preferredFirst;

  public Runtimes(List<InstanceRuntime> preferredFirst) {
    this.preferredFirst = List.copyOf(preferredFirst);
  }

  /** Every runtime, usable or not, preferred first. */
  public List<InstanceRuntime> all() {
    return preferredFirst;
  }

  /** What each can do now, preferred first. */
  public List<RuntimeReport> reports() {
    return preferredFirst.stream().map(InstanceRuntime::report).toList();
  }

  /**
   * The runtime of this name; empty name: the first that is usable now.
   *
   * @throws AgentException {@link AgentError#RUNTIME_UNAVAILABLE}
   */
  public InstanceRuntime get(String name) {
    return name.isEmpty() ? preferred() : named(name);
  }

  private InstanceRuntime named(String name) {
    for (InstanceRuntime runtime : preferredFirst) {
      if (runtime.name().equals(name)) {
        return runtime;
      }
    }
    throw new AgentException(
        AgentError.RUNTIME_UNAVAILABLE,
        "this host has no runtime '%s': it has %s"
            .formatted(name, preferredFirst.stream().map(InstanceRuntime::name).toList()));
  }

  private InstanceRuntime preferred() {
    StringBuilder problems = new StringBuilder();
    for (InstanceRuntime runtime : preferredFirst) {
      RuntimeReport report = runtime.report();
      if (report.available()) {
        return runtime;
      }
      problems.append("; ").append(report.name()).append(": ").append(report.problem());
    }
    throw new AgentException(
        AgentError.RUNTIME_UNAVAILABLE, "no runtime is usable on this host" + problems);
  }
}
