package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code deploy/quickstart} with clones in containers. */
final class QuickstartDockerIT {
  private static final Path LOGS = Lab.root().resolve("deploy/e2e/target/logs/quickstart");

  /** The engine is one that holds no image yet, as on a new host. */
  @Test
  void itMakesClonesOfADumpOnTheHostsOwnEngineAndLeavesThatAsItWas() throws Exception {
    try (DockerEngine engine = DockerEngine.start(LOGS);
        Quickstart quickstart = new Quickstart(Map.of("DOCKER_HOST", engine.address()))) {
      String address = engine.address();
      Path json = quickstart.home().resolve("summary.json");
      Command up =
          quickstart
              .run(
                  "--source",
                  dump(quickstart.home()).toString(),
                  "--hosts",
                  "3",
                  "--clones",
                  "3",
                  "--json",
                  json.toString())
              .orFail();
      assertThat(up.out()).contains("host-a", "host-b", "host-c");
      QuickstartIT.isTheSummary(json, "docker", 3);
      for (String url : QuickstartIT.urls(json)) {
        assertThat(QuickstartIT.value(url, "SELECT words FROM note")).isEqualTo("from the source");
      }
      assertThat(DockerEngine.command(address, "ps", "--quiet").lines()).hasSize(3);

      quickstart.run("--stop").orFail();
      assertThat(quickstart.left()).isEmpty();
      assertThat(DockerEngine.command(address, "ps", "--all", "--quiet").orFail().lines())
          .isEmpty();
      assertThat(DockerEngine.command(address, "images", "--all", "--quiet").orFail().lines())
          .isEmpty();
      assertThat(DockerEngine.command(address, "volume", "ls", "--quiet").orFail().lines())
          .isEmpty();
      assertThat(engine.part().isAlive()).isTrue();
    }
  }

  /** Below a directory whose name is as long as it may be. */
  @Test
  void withoutAnEngineItStartsOneThatEndsWithIt() throws Exception {
    try (Quickstart quickstart =
        new Quickstart(60, Map.of("DOCKER_HOST", "unix:///nowhere/docker.sock"))) {
      assertThat(quickstart.dir().toString()).hasSize(60);
      Path json = quickstart.home().resolve("summary.json");
      quickstart
          .run("--runtime", "auto", "--hosts", "1", "--clones", "1", "--json", json.toString())
          .orFail();
      QuickstartIT.isTheSummary(json, "docker", 1);
      assertThat(quickstart.parts()).containsKey("docker");
      String address = "unix://" + quickstart.dir().resolve("docker.sock");
      assertThat(DockerEngine.command(address, "ps", "--quiet").orFail().lines()).hasSize(1);

      quickstart.run("--stop").orFail();
      assertThat(quickstart.left()).isEmpty();
    }
  }

  private static Path dump(Path home) throws IOException {
    try (SourceServer source = SourceServer.start(home.resolve("source"), LOGS, 1)) {
      return source.dump(home.resolve("shop.dump"), "--format=custom");
    }
  }
}
