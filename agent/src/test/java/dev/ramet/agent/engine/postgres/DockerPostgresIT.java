package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.LabDocker;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The engine with servers in containers. */
class DockerPostgresIT extends PostgresUpkeepContract {
  @Override
  Function<TestVolumes, InstanceRuntime> runtime(Path folder) {
    return _ -> LabDocker.runtime(agent(folder));
  }

  private static String agent(Path folder) {
    return "it-" + folder.getFileName();
  }

  @Test
  void aContainerHasTheLimitsThatWereAskedFor() throws Exception {
    InstanceSpec spec = limited(clone("limited", Map.of()));
    lab.instances.start(spec);
    String limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}";
    assertThat(LabDocker.command("inspect", "--format", limits, "ramet-limited").output())
        .containsExactly("268435456 500000000");
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
