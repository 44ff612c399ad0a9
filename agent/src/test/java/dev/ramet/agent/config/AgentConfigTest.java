package dev.ramet.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentConfigTest {
  private static final Map<String, String> LEAST =
      Map.of("name", "host-a", "pool.main.dir", "/srv/pool");

  @Test
  void whatIsNotSetHasItsDefault() {
    assertThat(AgentConfig.of(LEAST))
        .isEqualTo(
            new AgentConfig(
                "host-a",
                new Endpoint("127.0.0.1", 9445),
                new Endpoint("127.0.0.1", 9445),
                List.of(new Endpoint("127.0.0.1", 9440)),
                Path.of("/var/lib/ramet/agent"),
                "127.0.0.1",
                new PortRange(15000, 15999),
                Duration.ofSeconds(5),
                List.of(new PoolConfig("main", Path.of("/srv/pool"), "reflink", 40L << 30)),
                new RuntimeConfig(
                    List.of("docker", "process"),
                    Duration.ofSeconds(60),
                    new RuntimeConfig.Docker(
                        "unix:///var/run/docker.sock",
                        "",
                        Optional.empty(),
                        List.of("postgres:15")),
                    new RuntimeConfig.HostProcess(
                        "postgres", Path.of("/usr/lib/postgresql"), Optional.empty())),
                Optional.empty(),
                Map.of()));
  }

  @Test
  void everyKeyIsMapped() {
    Map<String, String> all = new HashMap<>();
    all.put("name", "host-b");
    all.put("listen", "[::1]:9446");
    all.put("advertise", "db2.example.com:19446");
    all.put("coordinators", "10.0.0.1:9440, 10.0.0.2:9441");
    all.put("state.dir", "/srv/state");
    all.put("database.address", "10.0.0.9");
    all.put("database.ports", "16000-16009");
    all.put("shutdown.grace", "1500ms");
    all.put("pool.fast.dir", "/srv/fast");
    all.put("pool.fast.driver", "btrfs");
    all.put("pool.fast.size", "512MiB");
    all.put("runtimes", "process");
    all.put("start.timeout", "2m");
    all.put("docker.endpoint", "unix:///run/podman.sock");
    all.put("docker.registry", "registry.example.com/library/");
    all.put("docker.build.script", "/opt/ramet/build");
    all.put("docker.build.images", "postgres:15,postgres:16");
    all.put("process.user", "pg");
    all.put("process.packages", "/opt/postgresql");
    all.put("process.binaries", "/opt/jars");
    all.put("target.dir", "/srv/target");
    all.put("target.size", "1TiB");
    all.put("target.sources", "/srv/luns");
    all.put("target.portals", "10.0.0.9:3260,10.0.1.9:3260");
    all.put("target.control", "7");
    all.put("label.disk", "nvme");
    assertThat(all.keySet().stream().map(ConfigKey::find).map(Optional::orElseThrow))
        .containsExactlyInAnyOrder(ConfigKey.values());
    assertThat(AgentConfig.of(all))
        .isEqualTo(
            new AgentConfig(
                "host-b",
                new Endpoint("::1", 9446),
                new Endpoint("db2.example.com", 19446),
                List.of(new Endpoint("10.0.0.1", 9440), new Endpoint("10.0.0.2", 9441)),
                Path.of("/srv/state"),
                "10.0.0.9",
                new PortRange(16000, 16009),
                Duration.ofMillis(1500),
                List.of(new PoolConfig("fast", Path.of("/srv/fast"), "btrfs", 512L << 20)),
                new RuntimeConfig(
                    List.of("process"),
                    Duration.ofMinutes(2),
                    new RuntimeConfig.Docker(
                        "unix:///run/podman.sock",
                        "registry.example.com/library/",
                        Optional.of(Path.of("/opt/ramet/build")),
                        List.of("postgres:15", "postgres:16")),
                    new RuntimeConfig.HostProcess(
                        "pg", Path.of("/opt/postgresql"), Optional.of(Path.of("/opt/jars")))),
                Optional.of(
                    new TargetConfig(
                        Path.of("/srv/target"),
                        1L << 40,
                        Path.of("/srv/luns"),
                        List.of(new Endpoint("10.0.0.9", 3260), new Endpoint("10.0.1.9", 3260)),
                        7)),
                Map.of("disk", "nvme")));
  }

  @Test
  void allFaultsAreNamedAtOnce() {
    ConfigException refusal =
        catchThrowableOfType(
            ConfigException.class,
            () -> AgentConfig.of(Map.of("listen", "nowhere", "colour", "red")));
    assertThat(refusal.faults())
        .hasSize(4)
        .anySatisfy(fault -> assertThat(fault).startsWith("'colour' is not a known key"))
        .anySatisfy(fault -> assertThat(fault).startsWith("name is missing"))
        .anySatisfy(fault -> assertThat(fault).isEqualTo("listen: 'nowhere' is not host:port"))
        .anySatisfy(fault -> assertThat(fault).startsWith("no pool is configured"));
  }

  @ParameterizedTest
  @CsvSource({
    "name, Host_A",
    "listen, 127.0.0.1:99999",
    "coordinators, 'a:1,b'",
    "state.dir, relative",
    "database.address, a b",
    "database.ports, 9-5",
    "shutdown.grace, soon",
    "pool.main.dir, relative",
    "pool.main.driver, ../x",
    "pool.main.size, 0",
    "pool.main.size, 99999999999999TiB",
    "pool.other.size, 1GiB",
    "runtimes, podman",
    "docker.endpoint, /var/run/docker.sock",
    "docker.build.images, postgres",
    "process.user, 0x",
    "target.dir, relative",
    "target.portals, nowhere",
    "target.control, 32768",
    "label.Disk, nvme"
  })
  void aMalformedValueIsRefusedNamingItsKey(String key, String value) {
    Map<String, String> settings = new HashMap<>(LEAST);
    settings.put(key, value);
    ConfigException refusal =
        catchThrowableOfType(ConfigException.class, () -> AgentConfig.of(settings));
    assertThat(refusal.faults())
        .singleElement()
        .asString()
        .contains(key.replace("other.size", "other.dir"));
  }

  @Test
  void twoPoolsCannotShareADirectory() {
    ConfigException refusal =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                AgentConfig.of(
                    Map.of("name", "a", "pool.x.dir", "/srv/p", "pool.y.dir", "/srv/q/../p")));
    assertThat(refusal).hasMessageContaining("'x' and 'y' have the same directory /srv/p");
  }
}
