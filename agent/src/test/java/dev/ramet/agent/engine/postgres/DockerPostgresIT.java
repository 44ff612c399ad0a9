package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.LabDocker;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;

/** The engine with servers in containers. */
class DockerPostgresIT extends PostgresEngineContract {
  @Override
  Function<TestVolumes, InstanceRuntime> runtime(Path folder) {
    return _ -> LabDocker.runtime(agent(folder));
  }

  private static String agent(Path folder) {
    return "it-" + folder.getFileName();
  }

  @Override
  void kill(String id) throws Exception {
    LabDocker.command("kill", "ramet-" + id);
  }

  @AfterAll
  void noContainerIsLeft() throws Exception {
    assertThat(LabDocker.containersOf(agent(folder))).isEmpty();
  }
}
