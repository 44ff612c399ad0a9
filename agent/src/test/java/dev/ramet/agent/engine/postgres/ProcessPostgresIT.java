package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.ProcessRuntime;
import dev.ramet.agent.runtime.ProcessSettings;
import java.net.JarURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The engine with servers as plain processes. */
class ProcessPostgresIT extends PostgresUpkeepContract {
  @Override
  Function<TestVolumes, InstanceRuntime> runtime(Path folder) {
    return EngineLab.process("it-" + folder.getFileName(), folder);
  }

  @Override
  void kill(String id) throws Exception {
    ProcessTable.killTree(pid(id));
  }

  private long pid(String id) {
    return Long.parseLong(lab.instances.find(id).orElseThrow().handle());
  }

  @Test
  void limitsThatAProcessCannotHaveAreRefused() throws Exception {
    InstanceSpec spec = limited(clone("limited", Map.of()));
    assertThatThrownBy(() -> lab.instances.start(spec))
        .isInstanceOfSatisfying(
            AgentException.class, e -> assertThat(e.error()).isEqualTo(AgentError.UNSUPPORTED))
        .hasMessageContaining("use the docker runtime");
  }

  @Test
  void aCloneRunsOnTheProgramsOfTheMavenPackage() throws Exception {
    JarURLConnection inJar =
        (JarURLConnection)
            ProcessPostgresIT.class.getResource("/postgres-linux-x86_64.txz").openConnection();
    Path jar = Path.of(inJar.getJarFileURL().toURI());
    ProcessSettings settings =
        new ProcessSettings(
            "it-" + folder.getFileName(),
            "postgres",
            folder.resolve("no-packages"),
            Optional.of(jar.getParent()),
            folder.resolve("of-the-package"));
    InstanceSpec spec = clone("packed", Map.of());
    new EngineLab(lab.volumes, new ProcessRuntime(settings, lab.volumes)).instances.start(spec);
    assertThat(query(spec, "shop", "SHOW server_version_num")).startsWith("15");
    assertThat(Files.readSymbolicLink(Path.of("/proc/%d/exe".formatted(pid("packed")))))
        .startsWith(settings.unpacked());
  }

  @Test
  void aServerThatIsKilledLeavesNoSharedMemory() throws Exception {
    InstanceSpec spec = clone("shared-memory", Map.of());
    lab.instances.start(spec);
    assertThat(query(spec, "shop", "SHOW dynamic_shared_memory_type")).isEqualTo("sysv");
    Path namespace = Path.of("/proc/%d/ns/ipc".formatted(pid(spec.id())));
    assertThat(Files.readSymbolicLink(namespace))
        .as("its own: what the kernel keeps for it ends with it")
        .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")));
    try (Stream<String> maps = Files.lines(Path.of("/proc/%d/maps".formatted(pid(spec.id()))))) {
      assertThat(maps).noneMatch(line -> line.contains("/dev/shm/"));
    }
  }
}
