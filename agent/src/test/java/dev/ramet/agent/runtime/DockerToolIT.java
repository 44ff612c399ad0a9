package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.exec.Completed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DockerToolIT {
  @TempDir Path folder;

  @Test
  void whatAToolSaysIsToldAndItsLogInDockerIsBounded() throws Exception {
    String agent = "it-" + folder.getFileName();
    List<String> said = new CopyOnWriteArrayList<>();
    Tool tool =
        new Tool(
            new Programs("postgres", "15"),
            new VolumeMount("p", "v", folder, "/var/lib/postgresql", Map.of()),
            List.of("sh", "-c", "echo hello; exec sleep 60"),
            Map.of(),
            Identity.ROOT,
            List.of(),
            false,
            said::add,
            said::add);
    try (RunningTool running = LabDocker.runtime(agent).start(tool)) {
      while (said.isEmpty()) {
        assertThat(running.alive()).isTrue();
        Thread.sleep(5);
      }
      Completed inspected =
          LabDocker.command(
              "inspect",
              "--format={{.HostConfig.LogConfig.Config}}",
              LabDocker.containersOf(agent).getFirst());
      assertThat(inspected.output()).containsExactly("map[max-file:3 max-size:10m]");
    }
    assertThat(said).containsExactly("hello");
    assertThat(LabDocker.containersOf(agent)).isEmpty();
  }
}
