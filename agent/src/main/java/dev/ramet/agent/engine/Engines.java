package dev.ramet.agent.engine;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.List;

/** The engines of this agent. */
public final class Engines {
  private final List<Engine> engines;

  public Engines(List<Engine> engines) {
    this.engines = List.copyOf(engines);
  }

  /** Every engine. */
  public List<Engine> all() {
    return engines;
  }

  /**
   * The engine of this name, without a version.
   *
   * @throws AgentException {@link AgentError#ENGINE_UNKNOWN}
   */
  public Engine get(String name) {
    for (Engine engine : engines) {
      if (engine.name().equals(name)) {
        return engine;
      }
    }
    throw new AgentException(
        AgentError.ENGINE_UNKNOWN,
        "there is no engine '%s': this host has %s"
            .formatted(name, engines.stream().map(Engine::name).toList()));
  }
}
