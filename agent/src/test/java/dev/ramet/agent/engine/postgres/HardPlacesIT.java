package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.ProbeRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.instance.Instance;
import dev.ramet.agent.runtime.DockerRuntime;
import dev.ramet.agent.runtime.DockerSettings;
import dev.ramet.agent.runtime.LabDocker;
import dev.ramet.agent.runtime.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Long paths, full volumes, dumps that only a container's tools read, a Docker that is not there.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HardPlacesIT {
  private Path folder;
  private SourcePostgres source;
  private Path dump;
  private Path sql;

  @BeforeAll
  void startSource(@TempDir Path temporary) throws Exception {
    folder = temporary;
    sh("chmod", "755", folder.toString());
    source = SourcePostgres.start(folder.resolve("source"));
    source.sql("postgres", "CREATE ROLE app", "CREATE DATABASE shop");
    source.sql(
        "shop",
        "CREATE TABLE t AS SELECT x, repeat('x', 500) y FROM generate_series(1, 100000) x",
        "ALTER TABLE t OWNER TO app");
    dump = folder.resolve("shop.dump");
    sql = folder.resolve("shop.sql");
    assertThat(source.tool("pg_dump", "-Fc", "-f", dump.toString(), "shop").ok()).isTrue();
    assertThat(source.tool("pg_dump", "-f", sql.toString(), "shop").ok()).isTrue();
    sh("gzip", sql.toString());
    sh("chmod", "600", dump.toString());
  }

  @AfterAll
  void stopSource() throws Exception {
    if (source != null) {
      source.close();
    }
  }

  private EngineLab lab(String runtime, Path pool) {
    TestVolumes volumes = new TestVolumes(pool);
    String agent = "it-hard-" + folder.getFileName();
    return new EngineLab(volumes, CutMain.runtime(runtime, agent, folder).apply(volumes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aPoolsPathMayBeLongerThanAUnixSocketsName(String runtime) throws Exception {
    Path pool = folder.resolve(runtime + "-a-very-long-name".repeat(8)).resolve("pool");
    EngineLab lab = lab(runtime, pool);
    String volume = "long-" + runtime;
    lab.volumes.create(volume);
    for (Path up = pool; !up.equals(folder); up = up.getParent()) {
      sh("chmod", "755", up.toString());
    }
    lab.engine.load(lab.request(volume, folder.resolve("shop.sql.gz").toString()), (_, _, _) -> {});
    InstanceSpec spec = EngineLab.spec(volume, SourcePostgres.freePort(), Map.of());
    assertThat(lab.instances.start(spec).state()).isEqualTo(Instance.State.RUNNING);
    lab.instances.checkpoint(volume);
    assertThat(lab.instances.activity(volume).connections()).isEmpty();
    assertThat(linksInto(pool)).isEmpty();
    lab.instances.delete(volume, Duration.ofSeconds(10));
  }

  /** Left in the folder of short names. */
  private static List<Path> linksInto(Path pool) throws Exception {
    try (Stream<Path> names = Files.list(Path.of("/run"))) {
      return names
          .filter(Files::isSymbolicLink)
          .filter(link -> target(link).startsWith(pool))
          .toList();
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      return link; // somebody else's, and gone
    }
  }

  @Test
  void aDumpThatOnlyRootMayReadIsRestoredInAContainer() throws Exception {
    EngineLab lab = lab("docker", folder.resolve("pool"));
    lab.volumes.create("docker-dump");
    lab.engine.load(lab.request("docker-dump", dump.toString()), (_, _, _) -> {});
    InstanceSpec spec = EngineLab.spec("docker-dump", SourcePostgres.freePort(), Map.of());
    lab.instances.start(spec);
    try {
      assertThat(
              SourcePostgres.query(
                  spec.port(),
                  EngineLab.USER,
                  EngineLab.PASSWORD.value(),
                  "shop",
                  "SELECT count(*) || tableowner FROM t, pg_tables WHERE tablename = 't' GROUP BY"
                      + " tableowner"))
          .isEqualTo("100000app");
    } finally {
      lab.instances.delete("docker-dump", Duration.ofSeconds(10));
    }
  }

  @Test
  void aVolumeThatFillsUpIsToldAsAFullPool() throws Exception {
    Path image = folder.resolve("small.ext4");
    Path root = Files.createDirectories(folder.resolve("small"));
    sh("truncate", "-s", "100M", image.toString());
    sh("mkfs.ext4", "-q", image.toString());
    sh("mount", "-o", "loop", image.toString(), root.toString());
    try {
      EngineLab lab = lab("process", folder.resolve("pool"));
      lab.volumes.use("small", root);
      assertThatThrownBy(
              () -> lab.engine.load(lab.request("small", dump.toString()), (_, _, _) -> {}))
          .isInstanceOfSatisfying(
              AgentException.class,
              e -> assertThat(e.error()).as(e.getMessage()).isEqualTo(AgentError.POOL_FULL))
          .hasMessageContaining("filled up");
      assertThatThrownBy(
              () -> lab.engine.load(lab.request("small", source.url("shop")), (_, _, _) -> {}))
          .isInstanceOfSatisfying(
              AgentException.class,
              e -> assertThat(e.error()).as(e.getMessage()).isEqualTo(AgentError.POOL_FULL));
    } finally {
      sh("umount", root.toString());
    }
  }

  @Test
  void aDockerThatDoesNotAnswerIsNamed() {
    DockerRuntime stopped =
        new DockerRuntime(
            new DockerSettings(
                "it", "unix://" + folder.resolve("no.sock"), "", Optional.empty(), List.of()));
    TestVolumes volumes = new TestVolumes(folder.resolve("pool"));
    EngineLab lab = new EngineLab(volumes, stopped);
    assertThat(stopped.report().available()).isFalse();
    assertThat(stopped.report().problem()).contains("no.sock", "systemctl start docker");
    assertThatThrownBy(
            () -> lab.engine.probe(new ProbeRequest("", new Source(dump.toString()), "docker")))
        .isInstanceOfSatisfying(
            AgentException.class,
            e -> assertThat(e.error()).isEqualTo(AgentError.RUNTIME_UNAVAILABLE))
        .hasMessageContaining("Docker does not answer");
    volumes.create("x");
    assertThatThrownBy(() -> lab.instances.start(EngineLab.spec("x", 1, Map.of())))
        .hasMessageContaining("Docker does not answer");
  }

  @Test
  void anImageThatCannotBeGotIsNamed() {
    DockerRuntime docker = LabDocker.runtime("it");
    assertThatThrownBy(() -> docker.ensurePrograms(new Programs("postgres", "7")))
        .isInstanceOfSatisfying(
            AgentException.class,
            e -> assertThat(e.error()).isEqualTo(AgentError.ENGINE_IMAGE_MISSING))
        .hasMessageContaining("postgres:7")
        .hasMessageContaining("deploy/images/build");
  }

  private static void sh(String... command) throws Exception {
    Completed result = Commands.run(Command.of(command), Duration.ofMinutes(1));
    assertThat(result.ok()).as(result.output().toString()).isTrue();
  }
}
