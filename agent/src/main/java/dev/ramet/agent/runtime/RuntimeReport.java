package dev.ramet.agent.runtime;

import java.util.List;
import java.util.Map;

/**
 * What a runtime can do on this host now.
 *
 * @param name "docker", "process"
 * @param problem why it is not usable, and what to do; empty: usable
 * @param versions engine to versions that can run at once or after an image was made, oldest first
 */
public record RuntimeReport(String name, String problem, Map<String, List<String>> versions) {
  public RuntimeReport {
    versions = Map.copyOf(versions);
  }

  /** Whether it answers now. */
  public boolean available() {
    return problem.isEmpty();
  }
}
