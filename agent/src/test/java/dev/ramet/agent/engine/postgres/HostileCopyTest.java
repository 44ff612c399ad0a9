package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Identity;
import dev.ramet.agent.runtime.Programs;
import dev.ramet.agent.runtime.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A copy is what a foreign server sent: nothing in it leads the agent out of the volume. */
class HostileCopyTest {
  @TempDir Path folder;
  private Path data;
  private Path outside;

  @BeforeEach
  void makeCopy() throws IOException {
    data = Files.createDirectories(folder.resolve("volume/data"));
    Files.createDirectories(folder.resolve("volume/ramet"));
    outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("precious"), "mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgresql.auto.conf", "pg_replslot", "pg_tblspc"})
  void aLinkInPlaceOfAFileOrFolderIsRefusedAndNotFollowed(String name) throws IOException {
    Path target = name.endsWith(".conf") ? outside.resolve("made") : outside;
    Files.createSymbolicLink(data.resolve(name), target);
    AgentException refused = catchThrowableOfType(AgentException.class, () -> backup().sanitize());
    assertThat(refused).isNotNull();
    assertThat(refused.error()).isEqualTo(AgentError.LOAD_FAILED);
    assertThat(refused).hasMessageContaining("'" + name + "'");
    assertThat(outside).isDirectoryContaining(file -> file.endsWith("precious"));
    assertThat(outside.resolve("made")).doesNotExist();
  }

  @Test
  void settingsOfTheSourceArePutAwayAndNewOnesAreEmpty() throws IOException {
    Files.createDirectory(data.resolve("pg_replslot"));
    Files.writeString(data.resolve("postgresql.auto.conf"), "archive_command = 'rm'");
    backup().sanitize();
    assertThat(data.resolve("postgresql.auto.conf")).isEmptyFile();
    assertThat(folder.resolve("volume/ramet/source/postgresql.auto.conf"))
        .hasContent("archive_command = 'rm'");
  }

  private BaseBackup backup() {
    Path root = folder.resolve("volume");
    LoadRequest request =
        new LoadRequest("p", "v", root, "15", new Source("postgres://h"), "", "", () -> 1L);
    return new BaseBackup(
        new LoadContext(
            request,
            (_, _, _) -> {},
            EngineLab.process("it-hostile", folder).apply(new TestVolumes(folder)),
            new Programs("postgres", "15"),
            new VolumeMount("p", "v", root, "/inside", Map.of()),
            new VolumeLayout(root),
            Identity.ROOT),
        PostgresUrl.parse("postgres://u:p@127.0.0.1:5432/d"),
        new SourceServer("15.4", 15, "postgres", 1, Map.of(), Map.of()));
  }
}
