package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.instance.Instance;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.LabDocker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The engine with servers in containers. */
class DockerPostgresIT extends PostgresUpkeepContract {
  private static final String LIMITS = "268435456 500000000";

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
    assertThat(limitsOf("ramet-limited")).containsExactly(LIMITS);
  }

  @Test
  void oneThatRunsIsGivenLimitsByARepeatOfItsStart() throws Exception {
    InstanceSpec spec = clone("limited-later", Map.of());
    Instance first = lab.instances.start(spec);
    assertThat(limitsOf("ramet-limited-later")).containsExactly("0 0");
    Instance again = lab.instances.start(limited(spec));
    assertThat(again.handle()).isEqualTo(first.handle());
    assertThat(limitsOf("ramet-limited-later")).containsExactly(LIMITS);
    assertThat(query(spec, "shop", "SELECT 1")).isEqualTo("1");
    assertThat(catchThrowableOfType(AgentException.class, () -> lab.instances.start(spec)).error())
        .as("no limit is taken off while it runs")
        .isEqualTo(AgentError.ALREADY_EXISTS);
    assertThat(limitsOf("ramet-limited-later")).containsExactly(LIMITS);
  }

  private static List<String> limitsOf(String container) throws Exception {
    String limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}";
    return LabDocker.command("inspect", "--format", limits, container).output();
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
