package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.runtime.DockerRuntime;
import dev.ramet.agent.runtime.DockerSettings;
import dev.ramet.agent.runtime.InstanceRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;

/** The engine with servers in containers. */
class DockerPostgresIT extends PostgresEngineContract {
  @Override
  Function<TestVolumes, InstanceRuntime> runtime(Path folder) {
    return _ -> docker(agent(folder));
  }

  static DockerRuntime docker(String agent) {
    return new DockerRuntime(
        new DockerSettings(
            agent, DockerSettings.DEFAULT_ENDPOINT, "", Optional.empty(), List.of()));
  }

  private static String agent(Path folder) {
    return "it-" + folder.getFileName();
  }

  @Override
  void kill(String id) throws Exception {
    run("docker", "kill", "ramet-" + id);
  }

  @AfterAll
  void noContainerIsLeft() throws Exception {
    assertThat(
            run("docker", "ps", "-aq", "--filter", "label=dev.ramet.agent=" + agent(folder))
                .output())
        .isEmpty();
  }

  private static Completed run(String... command) throws InterruptedException {
    return Commands.run(Command.of(command), Duration.ofSeconds(30));
  }
}
