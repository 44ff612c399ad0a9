package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.exec.ProcessTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With programs that are called as containerd calls its shims; ChaosIT has real ones. */
class LostShimsTest {
  @TempDir Path home;

  private Path shell;

  @BeforeEach
  void makeAShim() throws Exception {
    shell = home.resolve("containerd-shim-runc-v2");
    Files.copy(Path.of("/bin/bash"), shell, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private Process start(Path program, String container) throws Exception {
    Process shim =
        new ProcessBuilder(
                program.toString(),
                "-c",
                "sleep 100 & echo $!; wait",
                "shim",
                "-namespace",
                "moby",
                "-id",
                container,
                "-address",
                "other")
            .start();
    assertThat(shim.inputReader().readLine()).isNotBlank();
    return shim;
  }

  @Test
  void endsTheShimOfTheContainerWithAllThatItStarted() throws Exception {
    Process lost = start(shell, "abc");
    Process other = start(shell, "abcd");
    Process noShim = start(Path.of("/bin/bash"), "abc");
    List<ProcessHandle> below = lost.descendants().toList();
    assertThat(below).hasSize(1);
    try {
      LostShims.end("abc");
      assertThat(ProcessTable.lives(lost.pid())).isFalse();
      assertThat(below).noneMatch(process -> ProcessTable.lives(process.pid()));
      assertThat(other.isAlive()).isTrue();
      assertThat(noShim.isAlive()).isTrue();
      LostShims.end("abc");
    } finally {
      for (Process process : List.of(lost, other, noShim)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }
}
