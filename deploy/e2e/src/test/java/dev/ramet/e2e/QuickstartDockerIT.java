package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code deploy/quickstart} with clones in containers. */
final class QuickstartDockerIT {
  private static final Path LOGS = Lab.root().resolve("deploy/e2e/target/logs/quickstart");

  /** The engine is one that holds no image yet, as on a new host. */
  @Test
  void itMakesClonesOfADumpOnTheHostsOwnEngineAndLeavesThatAsItWas() throws Exception {
    Path home = Files.createTempDirectory("engine");
    Part engine = engine(home);
    String address = "unix://" + home.resolve("docker.sock");
    try (Quickstart quickstart = new Quickstart(Map.of("DOCKER_HOST", address))) {
      engine.start();
      Eventually.holds(
          "Docker answers", Duration.ofMinutes(1), () -> docker(address, "version").exit() == 0);
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
      assertThat(docker(address, "ps", "--quiet").lines()).hasSize(3);

      quickstart.run("--stop").orFail();
      assertThat(quickstart.left()).isEmpty();
      assertThat(docker(address, "ps", "--all", "--quiet").orFail().lines()).isEmpty();
      assertThat(docker(address, "images", "--all", "--quiet").orFail().lines()).isEmpty();
      assertThat(docker(address, "volume", "ls", "--quiet").orFail().lines()).isEmpty();
      assertThat(engine.isAlive()).isTrue();
    } finally {
      engine.stop();
      remove(home);
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
      assertThat(docker(address, "ps", "--quiet").orFail().lines()).hasSize(1);

      quickstart.run("--stop").orFail();
      assertThat(quickstart.left()).isEmpty();
    }
  }

  private static Path dump(Path home) throws IOException {
    try (SourceServer source = SourceServer.start(home.resolve("source"), LOGS, 1)) {
      return source.dump(home.resolve("shop.dump"), "--format=custom");
    }
  }

  private static Part engine(Path home) throws IOException {
    Files.createDirectories(LOGS);
    List<String> command = new ArrayList<>(List.of("dockerd", "--host"));
    command.add("unix://" + home.resolve("docker.sock"));
    command.addAll(List.of("--data-root", home.resolve("data").toString()));
    command.addAll(List.of("--exec-root", home.resolve("run").toString()));
    command.addAll(List.of("--pidfile", home.resolve("pid").toString()));
    command.addAll(List.of("--bridge", "none", "--iptables=false", "--ip6tables=false"));
    command.addAll(List.of("--ip-forward=false", "--ip-masq=false"));
    return new Part("engine", command, Map.of(), Part.freePort(), LOGS.resolve("engine.log"));
  }

  private static Command docker(String address, String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker", "--host", address));
    command.addAll(List.of(arguments));
    return Command.run(command.toArray(String[]::new));
  }

  private static void remove(Path home) throws IOException {
    for (String mount : new Traces(home, List.of()).mounts().reversed()) {
      Command.run("umount", mount);
    }
    Command.run("rm", "-rf", "--one-file-system", home.toString());
  }
}
