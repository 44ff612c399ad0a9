package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpProbeTest {
  @TempDir Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("dump"), content);
  }

  private static DumpFile look(Path path) {
    return new DumpProbe(path).look();
  }

  private static void refused(Path path, AgentError error, String words) {
    assertThatThrownBy(() -> look(path))
        .isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.error()).isEqualTo(error))
        .hasMessageContaining(words);
  }

  @Test
  void plainSqlIsRecognisedWithItsVersions() throws IOException {
    DumpFile dump =
        look(
            file(
                "--\n"
                    + "-- PostgreSQL database dump\n"
                    + "--\n\n"
                    + "-- Dumped from database version 15.4 (Debian)\n"
                    + "-- Dumped by pg_dump version 16.1\n\n"
                    + "SET x = 0;\n"));
    assertThat(dump.form()).isEqualTo(DumpFile.Form.PLAIN);
    assertThat(dump.sourceVersion()).isEqualTo("15.4");
    assertThat(dump.major()).isEqualTo(16);
    assertThat(look(file("-- by hand\ncreate table t (x int);\n")).form())
        .isEqualTo(DumpFile.Form.PLAIN);
    assertThat(look(file("--\n-- PostgreSQL database cluster dump\n--\n")).form())
        .isEqualTo(DumpFile.Form.CLUSTER);
  }

  @Test
  void packingIsSeenByContentNotByName() throws IOException {
    Path packed = folder.resolve("dump.sql");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write("CREATE TABLE t (x int);\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(look(packed).packing()).isEqualTo(DumpFile.Packing.GZIP);
  }

  @Test
  void whatIsNoDumpIsRefusedWithTheReason() throws IOException {
    refused(folder.resolve("none"), AgentError.SOURCE_NOT_FOUND, "no file");
    refused(file(""), AgentError.SOURCE_NOT_A_DUMP, "empty");
    refused(file("<!DOCTYPE html><html>"), AgentError.SOURCE_NOT_A_DUMP, "HTML");
    refused(file("\0\1\2garbage\0\0"), AgentError.SOURCE_NOT_A_DUMP, "neither");
    refused(file("Dear diary, today"), AgentError.SOURCE_NOT_A_DUMP, "SQL");
    refused(file("-- MySQL dump 10.13\n"), AgentError.SOURCE_NOT_A_DUMP, "another database");
    refused(file("PGDMP"), AgentError.SOURCE_NOT_A_DUMP, "head");
    refused(folder, AgentError.SOURCE_NOT_A_DUMP, "toc.dat");
    refused(Path.of("relative"), AgentError.INVALID_ARGUMENT, "absolute");
    Path gzip = Files.write(folder.resolve("bad.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 1});
    refused(gzip, AgentError.SOURCE_NOT_A_DUMP, "head");
    Path zstd =
        Files.write(
            folder.resolve("bad.zst"), new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 9, 9, 9});
    refused(zstd, AgentError.SOURCE_NOT_A_DUMP, "head");
  }
}
