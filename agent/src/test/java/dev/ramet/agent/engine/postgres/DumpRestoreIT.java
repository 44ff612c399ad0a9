package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.engine.ProbeRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.engine.SourceReport;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dumps in every form and packing, and everything that cannot become an image. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DumpRestoreIT {
  private Path folder;
  private SourcePostgres source;
  private EngineLab lab;
  private int number;

  @BeforeAll
  void dumpInEveryWay(@TempDir Path temporary) throws Exception {
    folder = temporary;
    sh("chmod", "755", folder.toString());
    Path tablespace = Files.createDirectories(folder.resolve("fast"));
    SourcePostgres.own(tablespace);
    source = SourcePostgres.start(folder.resolve("source"));
    source.sql(
        "postgres",
        "CREATE ROLE app_owner",
        "CREATE ROLE \"Odd Reader\"",
        "CREATE ROLE nobody_can LOGIN REPLICATION PASSWORD 'x'",
        "CREATE ROLE plain LOGIN PASSWORD 'x'",
        "CREATE TABLESPACE fast LOCATION '" + tablespace + "'",
        "CREATE DATABASE shop");
    source.sql(
        "shop",
        "CREATE TABLE item (id serial PRIMARY KEY, name text)",
        "INSERT INTO item (name) SELECT 'CREATE ROLE postgres; ' || i FROM generate_series(1, 5000)"
            + " i",
        "ALTER TABLE item OWNER TO app_owner",
        "GRANT SELECT ON item TO \"Odd Reader\"",
        "CREATE TABLE quick (x int) TABLESPACE fast",
        "SELECT lo_from_bytea(0, 'large object')");
    dump("pg_dump", "-Fc", "-f", "shop.dump", "shop");
    dump("pg_dump", "-Fd", "-f", "shop.dir", "shop");
    dump("pg_dump", "-Ft", "-f", "shop.ft", "shop");
    dump("pg_dump", "-f", "shop.sql", "shop");
    dump("pg_dump", "-C", "-f", "create.sql", "shop");
    dump("pg_dumpall", "-f", "all.sql");
    sh("tar", "-C", folder.toString(), "-cf", at("shop.dir.tar"), "shop.dir");
    for (String name : List.of("shop.dump", "shop.dir.tar", "shop.sql", "all.sql")) {
      sh("gzip", "-k", at(name));
      sh("zstd", "-q", "-k", at(name));
    }
    // Only root may read this one.
    Files.copy(folder.resolve("shop.dump"), folder.resolve("root.dump"));
    sh("chmod", "600", at("root.dump"));
    TestVolumes volumes = new TestVolumes(folder.resolve("pool"));
    lab =
        new EngineLab(
            volumes, EngineLab.process("it-" + folder.getFileName(), folder).apply(volumes));
  }

  @AfterAll
  void stop() throws Exception {
    if (source != null) {
      source.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop.dump",
        "shop.dump.gz",
        "shop.dump.zst",
        "root.dump",
        "shop.ft",
        "shop.dir",
        "shop.dir.tar",
        "shop.dir.tar.gz",
        "shop.dir.tar.zst",
        "shop.sql",
        "shop.sql.gz",
        "shop.sql.zst",
        "create.sql",
        "all.sql",
        "all.sql.gz",
      })
  void everyDumpBecomesAnInstance(String name) throws Exception {
    String volume = "v" + ++number;
    lab.volumes.create(volume);
    SourceReport report = probe(at(name));
    assertThat(report.form()).isEqualTo(SourceReport.Form.DUMP);
    assertThat(report.engineVersion()).isEqualTo("15");
    LoadResult result = lab.engine.load(lab.request(volume, at(name)), (_, _, _) -> {});
    assertThat(result.database()).isEqualTo("shop");
    assertThat(folder.resolve("pool").resolve(volume).resolve("load")).doesNotExist();
    InstanceSpec spec = EngineLab.spec(volume, SourcePostgres.freePort(), Map.of());
    lab.instances.start(spec);
    try {
      assertThat(query(spec, "SELECT count(*) FROM item")).isEqualTo("5000");
      assertThat(query(spec, "SELECT tableowner FROM pg_tables WHERE tablename = 'item'"))
          .isEqualTo("app_owner");
      assertThat(query(spec, "SELECT has_table_privilege('Odd Reader', 'item', 'SELECT')"))
          .isEqualTo("t");
      assertThat(query(spec, "SELECT count(*) FROM pg_largeobject_metadata")).isEqualTo("1");
      assertThat(query(spec, "SELECT count(*) FROM quick")).isEqualTo("0");
      assertThat(query(spec, "SELECT relallvisible > 0 FROM pg_class WHERE relname = 'item'"))
          .isEqualTo("t");
    } finally {
      lab.instances.delete(volume, Duration.ofSeconds(10));
      VolumeLayout.removeTree(folder.resolve("pool").resolve(volume));
    }
  }

  @Test
  void aDamagedDumpFailsWithOneClearLine() throws Exception {
    Path cut = folder.resolve("cut.sql");
    Files.copy(folder.resolve("shop.sql"), cut);
    truncate(cut, Files.size(cut) / 2);
    assertThat(loadFailure(cut.toString())).isIn(AgentError.LOAD_FAILED);
    Path cutGzip = folder.resolve("cut.sql.gz");
    Files.copy(folder.resolve("shop.sql.gz"), cutGzip);
    truncate(cutGzip, Files.size(cutGzip) / 2);
    AgentException gzip = failure(cutGzip.toString());
    assertThat(gzip.error()).isEqualTo(AgentError.LOAD_FAILED);
    assertThat(gzip).hasMessageContaining("cut.sql.gz is damaged");
    Path cutArchive = folder.resolve("cut.dump");
    Files.copy(folder.resolve("shop.dump"), cutArchive);
    truncate(cutArchive, Files.size(cutArchive) - 3000);
    assertThat(loadFailure(cutArchive.toString())).isEqualTo(AgentError.LOAD_FAILED);
    Path wrong = folder.resolve("wrong.sql");
    Files.writeString(wrong, "CREATE TABLE t (x int);\nSELECT no_such_column FROM t;\n");
    AgentException failure = failure(wrong.toString());
    assertThat(failure).hasMessageContaining("no_such_column").hasMessageContaining("wrong.sql");
    assertThat(failure.logTail()).isNotEmpty();
  }

  @Test
  void aDumpOfANewerMajorIsRefused() throws Exception {
    Path newer = folder.resolve("newer.sql");
    Files.writeString(
        newer,
        "--\n-- PostgreSQL database dump\n--\n-- Dumped by pg_dump version 99.1\nSET x=1;\n");
    AgentException failure = probeFailure("", newer.toString());
    assertThat(failure.error()).isEqualTo(AgentError.SOURCE_VERSION_UNSUPPORTED);
    assertThat(failure).hasMessageContaining("99");
    assertThat(probeFailure("15", newer.toString()).error())
        .isEqualTo(AgentError.SOURCE_VERSION_UNSUPPORTED);
    assertThat(probeFailure("14", source.url("shop")).error())
        .isEqualTo(AgentError.SOURCE_VERSION_UNSUPPORTED);
  }

  @Test
  void everySourceThatCannotBeReadIsRefusedInOneClearLine() throws Exception {
    String at = "@127.0.0.1:" + source.port();
    refused("postgres://postgres:wrong-secret" + at, AgentError.SOURCE_AUTH_FAILED, "password");
    refused("postgres://postgres" + at, AgentError.SOURCE_AUTH_FAILED, "password");
    refused("postgres://stranger:x" + at, AgentError.SOURCE_AUTH_FAILED, "stranger");
    refused("postgres://plain:x" + at, AgentError.SOURCE_NOT_PERMITTED, "REPLICATION");
    refused(source.url("no_such_db"), AgentError.SOURCE_NOT_FOUND, "no_such_db");
    refused(
        "postgres://u:p@127.0.0.1:" + SourcePostgres.freePort(),
        AgentError.SOURCE_UNREACHABLE,
        "nothing answers");
    refused("postgres://u:p@no-such-host.invalid", AgentError.SOURCE_UNREACHABLE, "no host");
    refused("http://example.com/dump", AgentError.INVALID_ARGUMENT, "postgres://");
    refused("dump.sql", AgentError.INVALID_ARGUMENT, "absolute");
    refused("/no/such/file", AgentError.SOURCE_NOT_FOUND, "/no/such/file");
    try (ServerSocket http = new ServerSocket(0)) {
      Thread.ofVirtual()
          .start(() -> {
            try (var client = http.accept()) {
              client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes("ASCII"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      refused(
          "postgres://u:p@127.0.0.1:" + http.getLocalPort(),
          AgentError.SOURCE_UNREACHABLE,
          "not PostgreSQL");
    }
    Path hba = source.folder().resolve("data/pg_hba.conf");
    String allowed = Files.readString(hba);
    Files.writeString(hba, "host all all 127.0.0.1/32 scram-sha-256\n");
    source.sql("postgres", "SELECT pg_reload_conf()");
    Thread.sleep(200);
    refused(
        "postgres://nobody_can:x" + at + "/postgres",
        AgentError.SOURCE_NOT_PERMITTED,
        "replication");
    Files.writeString(hba, allowed);
    source.sql("postgres", "SELECT pg_reload_conf()");
    Thread.sleep(200);
    assertThat(probe("postgres://nobody_can:x" + at + "/postgres").sourceVersion())
        .startsWith("15.");
  }

  @Test
  void whatCannotFitIsRefusedBeforeAnythingIsWritten() {
    lab.volumes.create("tiny");
    LoadRequest request = lab.request("tiny", source.url("shop"));
    LoadRequest tight =
        new LoadRequest(
            request.pool(),
            request.volume(),
            request.root(),
            "",
            request.source(),
            "",
            "",
            () -> 1_000_000);
    try {
      lab.engine.load(tight, (_, _, _) -> {});
      throw new AssertionError("it was loaded");
    } catch (AgentException e) {
      assertThat(e.error()).isEqualTo(AgentError.POOL_FULL);
      assertThat(e).hasMessageContaining("free some");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(folder.resolve("pool/tiny")).isEmptyDirectory();
  }

  private SourceReport probe(String location) {
    return lab.engine.probe(new ProbeRequest("", new Source(location), ""));
  }

  private AgentException probeFailure(String version, String location) {
    try {
      lab.engine.probe(new ProbeRequest(version, new Source(location), ""));
    } catch (AgentException e) {
      return e;
    }
    throw new AssertionError("accepted: " + location);
  }

  private void refused(String location, AgentError error, String words) {
    AgentException failure = probeFailure("", location);
    assertThat(failure.error()).as(failure.getMessage()).isEqualTo(error);
    assertThat(failure).hasMessageContaining(words);
    assertThat(failure.getMessage()).hasLineCount(1).doesNotContain("secret");
  }

  private AgentError loadFailure(String location) throws Exception {
    return failure(location).error();
  }

  private AgentException failure(String location) throws Exception {
    String volume = "f" + ++number;
    lab.volumes.create(volume);
    try {
      lab.engine.load(lab.request(volume, location), (_, _, _) -> {});
    } catch (AgentException e) {
      assertThat(Manifest.read(new VolumeLayout(folder.resolve("pool").resolve(volume)))).isEmpty();
      return e;
    }
    throw new AssertionError("loaded: " + location);
  }

  private static String query(InstanceSpec spec, String sql) throws Exception {
    return SourcePostgres.query(
        spec.port(), EngineLab.USER, EngineLab.PASSWORD.value(), "shop", sql);
  }

  private void dump(String tool, String... arguments) throws Exception {
    String[] placed = arguments.clone();
    for (int i = 1; i < placed.length; i++) {
      if (placed[i - 1].equals("-f")) {
        placed[i] = at(placed[i]);
      }
    }
    Completed result = source.tool(tool, placed);
    assertThat(result.output()).isEmpty();
    assertThat(result.ok()).isTrue();
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private static void truncate(Path file, long bytes) throws Exception {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
  }

  private static void sh(String... command) throws Exception {
    Completed result = Commands.run(Command.of(command), Duration.ofMinutes(1));
    assertThat(result.ok()).as(result.output().toString()).isTrue();
  }
}
