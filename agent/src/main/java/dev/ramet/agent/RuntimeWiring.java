package dev.ramet.agent;

import dev.ramet.agent.config.AgentConfig;
import dev.ramet.agent.config.RuntimeConfig;
import dev.ramet.agent.runtime.DockerRuntime;
import dev.ramet.agent.runtime.DockerSettings;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.ProcessRuntime;
import dev.ramet.agent.runtime.ProcessSettings;
import dev.ramet.agent.runtime.Volumes;
import java.util.List;

/** Makes the runtimes that are configured, preferred first. */
final class RuntimeWiring {
  private RuntimeWiring() {}

  static List<InstanceRuntime> of(AgentConfig config, Volumes volumes) {
    return config.runtime().order().stream().map(name -> runtime(name, config, volumes)).toList();
  }

  private static InstanceRuntime runtime(String name, AgentConfig config, Volumes volumes) {
    return switch (name) {
      case "docker" -> docker(config);
      case "process" -> process(config, volumes);
      default -> throw new IllegalArgumentException("there is no runtime '%s'".formatted(name));
    };
  }

  private static InstanceRuntime docker(AgentConfig config) {
    RuntimeConfig.Docker settings = config.runtime().docker();
    return new DockerRuntime(
        new DockerSettings(
            owner(config),
            settings.endpoint(),
            settings.registry(),
            settings.buildScript(),
            settings.buildImages()));
  }

  private static InstanceRuntime process(AgentConfig config, Volumes volumes) {
    RuntimeConfig.HostProcess settings = config.runtime().process();
    return new ProcessRuntime(
        new ProcessSettings(
            owner(config),
            settings.user(),
            settings.packages(),
            settings.binaries(),
            config.stateDir().resolve("programs")),
        volumes);
  }

  /**
   * Marks what this agent starts. Two agents on one machine, of two installations, may have the
   * same name; their state directories cannot be the same.
   */
  private static String owner(AgentConfig config) {
    return config.name() + "@" + config.stateDir();
  }
}
