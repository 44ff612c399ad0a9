package dev.ramet.agent.config;

import java.util.List;

/** The settings cannot be used. Says everything that is wrong with them, not just the first. */
public final class ConfigException extends RuntimeException {
  private final List<String> faults;

  ConfigException(List<String> faults) {
    super("the configuration cannot be used: " + String.join("; ", faults));
    this.faults = List.copyOf(faults);
  }

  /** One line for each fault. */
  public List<String> faults() {
    return faults;
  }
}
