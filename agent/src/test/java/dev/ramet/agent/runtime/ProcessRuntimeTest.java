package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.exec.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process runtime makes of the records in its volumes. */
class ProcessRuntimeTest {
  private static final String AGENT = "unit-records";

  @TempDir Path folder;
  private ProcessRuntime runtime;

  @BeforeEach
  void make() throws IOException {
    for (String volume : List.of("damaged", "whole")) {
      new ProcessRecord(volume, AGENT, 0, 0, Signal.SIGINT, Map.of("l", volume))
          .write(Files.createDirectory(folder.resolve(volume)));
    }
    runtime =
        new ProcessRuntime(
            new ProcessSettings(
                AGENT, "nobody", folder.resolve("none"), Optional.empty(), folder.resolve("none")),
            new Folders());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "id=damaged\nagent=unit-records\npid=many", "\\u00", "\0\0"})
  void aRecordThatCannotBeReadIsToldAndHidesNoOther(String content) throws Exception {
    Files.writeString(folder.resolve("damaged/ramet/process"), content);
    assertThat(runtime.list()).extracting(Server::id).containsExactly("damaged", "whole");
    Server damaged = runtime.find("damaged").orElseThrow();
    assertThat(damaged.running()).isFalse();
    assertThat(damaged.problem()).contains("cannot read", "ramet/process");
    assertThat(runtime.find("whole")).map(Server::labels).contains(Map.of("l", "whole"));
    runtime.delete("damaged", Duration.ZERO);
    assertThat(runtime.find("damaged")).isEmpty();
    assertThat(runtime.list()).extracting(Server::id).containsExactly("whole");
  }

  @Test
  void aRecordThatCameAlongInACopyOfAVolumeIsNobodys() throws Exception {
    Files.copy(
        folder.resolve("whole/ramet/process"),
        folder.resolve("damaged/ramet/process"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(runtime.find("damaged")).isEmpty();
    assertThat(runtime.list()).extracting(Server::id).containsExactly("whole");
  }

  /** execve(2) leaves a process without an environment for a moment; a start has four of them. */
  @Test
  void aServerInTheMidstOfAnExecIsSeenToRun() throws Exception {
    Path script = Files.writeString(folder.resolve("again"), "exec sh \"$0\"\n");
    ProcessBuilder builder = new ProcessBuilder("sh", script.toString());
    builder.environment().put(ProcessServers.INSTANCE, "whole");
    builder.environment().put(ProcessServers.AGENT, AGENT);
    Process process = builder.start();
    try {
      new ProcessRecord(
              "whole",
              AGENT,
              process.pid(),
              ProcessTable.startTicks(process.pid()).orElseThrow(),
              Signal.SIGINT,
              Map.of())
          .write(folder.resolve("whole"));
      long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
      for (int look = 0; System.nanoTime() < end; look++) {
        assertThat(runtime.find("whole").orElseThrow().running()).as("look %d", look).isTrue();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(runtime.find("whole").orElseThrow().running()).isFalse();
  }

  @Test
  void onlyAServerWhoseVolumeIsGoneIsSoughtAmongAllProcesses() throws Exception {
    Process process = server("lost");
    Path volume = Files.createDirectory(folder.resolve("lost"));
    try {
      runtime.delete("lost", Duration.ZERO);
      assertThat(process.isAlive()).as("its volume is there, and says that nothing runs").isTrue();
      Files.delete(volume);
      runtime.delete("lost", Duration.ZERO);
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aServerThatEndsIsToldOnceAlsoWhereAnotherAgentStartedIt() throws Exception {
    Process process = server("whole");
    try {
      new ProcessRecord(
              "whole",
              AGENT,
              process.pid(),
              ProcessTable.startTicks(process.pid()).orElseThrow(),
              Signal.SIGINT,
              Map.of())
          .write(folder.resolve("whole"));
      assertThat(runtime.ended()).isEmpty();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(runtime.ended()).containsExactly("whole");
    assertThat(runtime.ended()).isEmpty();
  }

  private static Process server(String id) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sleep", "60");
    builder.environment().put(ProcessServers.INSTANCE, id);
    builder.environment().put(ProcessServers.AGENT, AGENT);
    return builder.start();
  }

  private final class Folders implements Volumes {
    @Override
    public Optional<Path> mountOf(String pool, String volume) {
      return Optional.of(folder.resolve(volume));
    }

    @Override
    public Search named(String volume) {
      boolean there = Files.exists(folder.resolve(volume));
      return new Search(there ? List.of(attached(volume)) : List.of(), List.of(), true);
    }

    @Override
    public List<AttachedVolume> attached() {
      return List.of(attached("damaged"), attached("whole"));
    }

    @Override
    public void whileAttached(String pool, String volume, Consumer<Path> look) {
      throw new UnsupportedOperationException();
    }

    private AttachedVolume attached(String volume) {
      return new AttachedVolume("p", volume, folder.resolve(volume));
    }
  }
}
