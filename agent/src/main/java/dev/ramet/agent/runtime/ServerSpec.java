package dev.ramet.agent.runtime;

import dev.ramet.agent.exec.Signal;
import java.util.List;
import java.util.Map;

/**
 * A database server to run.
 *
 * @param id the instance's id
 * @param programs whose programs
 * @param mount its volume
 * @param command program and arguments; the program's bare name, places as {@link
 *     InstanceRuntime#inside} tells
 * @param environment variables of its own; nothing secret
 * @param user what it runs as
 * @param memoryLimitBytes 0: no limit
 * @param cpuLimitMillis thousandths of a CPU; 0: no limit
 * @param labels what is told back by {@link Server#labels}, whole, after any restart
 * @param stopSignal asks it for a clean and quick shutdown
 */
public record ServerSpec(
    String id,
    Programs programs,
    VolumeMount mount,
    List<String> command,
    Map<String, String> environment,
    Identity user,
    long memoryLimitBytes,
    int cpuLimitMillis,
    Map<String, String> labels,
    Signal stopSignal) {
  public ServerSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    labels = Map.copyOf(labels);
  }

  /** The same with these labels. */
  public ServerSpec withLabels(Map<String, String> newLabels) {
    return new ServerSpec(
        id,
        programs,
        mount,
        command,
        environment,
        user,
        memoryLimitBytes,
        cpuLimitMillis,
        newLabels,
        stopSignal);
  }
}
