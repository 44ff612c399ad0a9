package dev.ramet.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be set for an agent. {@link ConfigKey} describes each key.
 *
 * @param name name of the host
 * @param listen where the gRPC server listens
 * @param advertised what coordinators and other agents are told; null: as {@code listen}
 * @param coordinators whom to report to, tried in this order; may be empty
 * @param stateDir absolute directory of the agent's own few files
 * @param databaseAddress address that clones listen on
 * @param databasePorts ports for clones
 * @param shutdownGrace how long calls in flight may take on shutdown
 * @param pools at least one
 * @param runtime how instances are run
 * @param target the host as an array; empty: it is none
 * @param labels of the host
 */
public record AgentConfig(
    String name,
    Endpoint listen,
    Endpoint advertised,
    List<Endpoint> coordinators,
    Path stateDir,
    String databaseAddress,
    PortRange databasePorts,
    Duration shutdownGrace,
    List<PoolConfig> pools,
    RuntimeConfig runtime,
    Optional<TargetConfig> target,
    Map<String, String> labels) {

  /** Copies the collections. */
  public AgentConfig {
    coordinators = List.copyOf(coordinators);
    pools = List.copyOf(pools);
    labels = Map.copyOf(labels);
  }

  /**
   * Makes a configuration of written settings.
   *
   * @param settings written key to written value
   * @throws ConfigException naming every fault
   */
  public static AgentConfig of(Map<String, String> settings) {
    ConfigReader reader = new ConfigReader(settings);
    Endpoint listen = reader.value(ConfigKey.LISTEN, Endpoint::parse);
    AgentConfig config =
        new AgentConfig(
            reader.value(ConfigKey.NAME, Grammar::dnsLabel),
            listen,
            reader.value(
                ConfigKey.ADVERTISE, text -> text.isEmpty() ? listen : Endpoint.parse(text)),
            reader.list(ConfigKey.COORDINATORS, Endpoint::parse),
            reader.value(ConfigKey.STATE_DIR, Grammar::absolutePath),
            reader.value(ConfigKey.DATABASE_ADDRESS, Grammar::address),
            reader.value(ConfigKey.DATABASE_PORTS, PortRange::parse),
            reader.value(ConfigKey.SHUTDOWN_GRACE, Grammar::duration),
            reader.pools(),
            runtime(reader),
            target(reader),
            reader.labels());
    reader.throwIfFaulty();
    return config;
  }

  private static Optional<TargetConfig> target(ConfigReader reader) {
    Optional<Path> dir = reader.value(ConfigKey.TARGET_DIR, Grammar::optionalPath);
    Optional<Path> sources = reader.value(ConfigKey.TARGET_SOURCES, Grammar::optionalPath);
    Long size = reader.value(ConfigKey.TARGET_SIZE, Grammar::bytes);
    List<Endpoint> portals = reader.list(ConfigKey.TARGET_PORTALS, Endpoint::parse);
    Integer control = reader.value(ConfigKey.TARGET_CONTROL, Grammar::controlPort);
    return dir == null || sources == null || size == null || control == null
        ? Optional.empty()
        : dir.map(at ->
            new TargetConfig(at, size, sources.orElse(at.resolve("sources")), portals, control));
  }

  private static RuntimeConfig runtime(ConfigReader reader) {
    return new RuntimeConfig(
        reader.list(ConfigKey.RUNTIMES, Grammar::runtime),
        reader.value(ConfigKey.START_TIMEOUT, Grammar::duration),
        new RuntimeConfig.Docker(
            reader.value(ConfigKey.DOCKER_ENDPOINT, Grammar::dockerEndpoint),
            reader.value(ConfigKey.DOCKER_REGISTRY, Grammar::registryPrefix),
            reader.value(ConfigKey.DOCKER_BUILD_SCRIPT, Grammar::optionalPath),
            reader.list(ConfigKey.DOCKER_BUILD_IMAGES, Grammar::image)),
        new RuntimeConfig.HostProcess(
            reader.value(ConfigKey.PROCESS_USER, Grammar::user),
            reader.value(ConfigKey.PROCESS_PACKAGES, Grammar::absolutePath),
            reader.value(ConfigKey.PROCESS_BINARIES, Grammar::optionalPath)));
  }
}
