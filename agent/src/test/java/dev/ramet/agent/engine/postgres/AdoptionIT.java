package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.engine.ProbeRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.exec.ProcessTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data of a server that was cut off in the middle of its work, found in the volume itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdoptionIT {
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final String ROWS =
      "SELECT count(*) || '/' || (SELECT count(*) FROM quick) FROM late";

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private Path folder;
  private Path production;
  private Path trap;

  @BeforeAll
  void cutAServerOff(@TempDir Path temporary) throws Exception {
    System.out.println("seed " + seed);
    folder = temporary;
    sh("chmod", "755", folder.toString());
    production = folder.resolve("production");
    trap = folder.resolve("trap");
    Files.createDirectories(trap);
    sh("chmod", "777", trap.toString());
    SourcePostgres source = SourcePostgres.start(production);
    Files.createDirectories(production.resolve("fast space"));
    SourcePostgres.own(production.resolve("fast space"));
    source.sql(
        "postgres",
        "CREATE DATABASE shop",
        "CREATE TABLESPACE fast LOCATION '" + production + "/fast space'",
        "ALTER SYSTEM SET archive_mode = 'on'",
        "ALTER SYSTEM SET archive_command = 'touch " + trap + "/archived'",
        "ALTER SYSTEM SET restore_command = 'touch " + trap + "/restored'",
        "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements,no_such_library'",
        "ALTER SYSTEM SET timezone = 'Asia/Tokyo'",
        "ALTER SYSTEM SET port = 1",
        "CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'boss'");
    source.sql(
        "shop",
        "CREATE TABLE quick TABLESPACE fast AS SELECT generate_series(1, 1000) x",
        "SELECT pg_create_physical_replication_slot('replica', true)",
        "CREATE SUBSCRIPTION upstream CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p"
            + " WITH (connect = false)",
        "CHECKPOINT",
        "CREATE TABLE late AS SELECT generate_series(1, 20000) x");
    try (var boss = SourcePostgres.connect("127.0.0.1", source.port(), "boss", "boss", "shop");
        var statement = boss.createStatement()) {
      statement.execute("ALTER ROLE postgres RENAME TO \"First \"\"Role\"\"\"");
    }
    source.close();
  }

  private Path volume(EngineLab lab, String name) throws Exception {
    Path root = folder.resolve("pool").resolve(name);
    Files.createDirectories(root.getParent());
    sh("cp", "-a", production.toString(), root.toString());
    lab.volumes.use(name, root);
    return root;
  }

  private EngineLab lab(String runtime) {
    TestVolumes volumes = new TestVolumes(folder.resolve("pool"));
    return new EngineLab(volumes, CutMain.runtime(runtime, agent(runtime), folder).apply(volumes));
  }

  private String agent(String runtime) {
    return "it-adopt-" + runtime + "-" + folder.getFileName();
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void allThatWasCommittedIsThereAndNothingActsAsProduction(String runtime) throws Exception {
    EngineLab lab = lab(runtime);
    String image = "whole-" + runtime;
    Path root = volume(lab, image);
    Files.writeString(root.resolve("data/standby.signal"), "");
    Files.createDirectories(root.resolve("backups"));
    sh("chown", "-R", "12345:12346", root.toString());
    LoadResult result = lab.engine.load(lab.request(image, "volume:"), (_, _, _) -> {});
    assertThat(result.engineVersion()).isEqualTo("15");
    assertThat(result.database()).isEqualTo("shop");
    assertThat(ControlFile.state(root.resolve("data"))).isEqualTo(ControlFile.SHUT_DOWN);
    assertThat(names(root)).containsExactly("data", "log", "ramet", "run", "tablespaces");
    assertThat(root.resolve("ramet/source/postgresql.auto.conf")).content().contains("Tokyo");
    assertThat(lab.engine.load(lab.request(image, "volume:"), (_, _, _) -> {})).isEqualTo(result);
    String clone = image + "-clone";
    lab.volumes.copy(image, clone);
    InstanceSpec spec = EngineLab.spec(clone, SourcePostgres.freePort(), Map.of());
    lab.instances.start(spec);
    try {
      assertThat(query(spec, ROWS)).isEqualTo("20000/1000");
      assertThat(query(spec, "SHOW max_connections")).as("of a command line").isEqualTo("120");
      assertThat(query(spec, "SHOW shared_preload_libraries")).isEqualTo("pg_stat_statements");
      assertThat(query(spec, "SHOW archive_mode")).isEqualTo("off");
      assertThat(query(spec, "SELECT setting FROM pg_settings WHERE name = 'restore_command'"))
          .isEmpty();
      assertThat(query(spec, "SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
      assertThat(query(spec, "SELECT subenabled FROM pg_subscription")).isEqualTo("f");
      assertThat(query(spec, "SELECT pg_is_in_recovery()")).isEqualTo("f");
      assertThat(query(spec, "SELECT rolname FROM pg_roles WHERE oid = 10"))
          .isEqualTo("First \"Role\"");
    } finally {
      lab.instances.delete(clone, GRACE);
    }
    assertThat(trap).isEmptyDirectory();
  }

  @Test
  void dataInASubfolderWithItsLogBesideItAreAdopted() throws Exception {
    EngineLab lab = lab("process");
    Path root = volume(lab, "sub");
    Files.createDirectories(root.resolve("15"));
    sh("mv", root + "/data", root + "/15/main");
    sh("mv", root + "/15/main/pg_wal", root + "/wal");
    String there = "/var/lib/postgresql";
    Path data = root.resolve("15/main");
    Files.createSymbolicLink(data.resolve("pg_wal"), Path.of(there, "wal"));
    Path space = only(data.resolve("pg_tblspc"));
    Files.delete(space);
    Files.createSymbolicLink(space, Path.of(there, "fast space"));
    Files.writeString(data.resolve("postmaster.pid"), "1\n" + there + "/15/main\n1\n");
    lab.engine.load(lab.request("sub", "volume:15/main"), (_, _, _) -> {});
    assertThat(rowsOf(lab, "sub")).isEqualTo("20000/1000");
    AgentException other =
        catchThrowableOfType(
            AgentException.class,
            () -> lab.engine.load(lab.request("sub", "volume:"), (_, _, _) -> {}));
    assertThat(other.error()).isEqualTo(AgentError.ALREADY_EXISTS);
  }

  @Test
  void dataOfAStandbyThatWasCutOffAreAdopted() throws Exception {
    SourcePostgres primary = SourcePostgres.start(folder.resolve("primary"));
    EngineLab lab = lab("process");
    Path root = lab.volumes.create("standby");
    SourcePostgres.own(root);
    try {
      primary.sql("postgres", "CREATE DATABASE shop");
      Path data = root.resolve("main");
      SourcePostgres.asPostgres(
          SourcePostgres.BIN + "pg_basebackup",
          "--write-recovery-conf",
          "--checkpoint=fast",
          "--pgdata=" + data,
          "--dbname=" + primary.url("postgres"));
      int port = SourcePostgres.freePort();
      SourcePostgres.asPostgres(
          SourcePostgres.BIN + "pg_ctl",
          "start",
          "--pgdata=" + data,
          "--log=" + root.resolve("messages"),
          "--options=-p %d -c max_connections=120 -c unix_socket_directories=%s"
              .formatted(port, root));
      primary.sql(
          "shop",
          "CREATE TABLE quick AS SELECT generate_series(1, 1000) x",
          "CREATE TABLE late AS SELECT generate_series(1, 20000) x");
      String arrived = "SELECT count(*) FROM pg_tables WHERE tablename = 'late'";
      while (!standby(port, arrived).equals("1")) {
        Thread.sleep(50);
      }
      ProcessTable.killTree(
          Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst()));
    } finally {
      primary.close();
    }
    lab.engine.load(lab.request("standby", "volume:"), (_, _, _) -> {});
    assertThat(rowsOf(lab, "standby")).isEqualTo("20000/1000");
  }

  private static String standby(int port, String sql) throws Exception {
    return SourcePostgres.query(port, "postgres", SourcePostgres.PASSWORD, "shop", sql);
  }

  @Test
  void aLogThatIsDamagedIsToldAndTheDataAreKept() throws Exception {
    EngineLab lab = lab("process");
    Path root = volume(lab, "damaged");
    for (Path entry : VolumePaths.entries(root.resolve("data/pg_wal"))) {
      if (VolumePaths.isFile(entry)) {
        Files.write(entry, new byte[8192]);
      }
    }
    for (int repeat = 0; repeat < 2; repeat++) {
      AgentException failed =
          catchThrowableOfType(
              AgentException.class,
              () -> lab.engine.load(lab.request("damaged", "volume:"), (_, _, _) -> {}));
      assertThat(failed.error()).isEqualTo(AgentError.LOAD_FAILED);
      assertThat(failed).hasMessageContaining("checkpoint record");
      assertThat(failed.logTail()).isNotEmpty();
      assertThat(root.resolve("data/base")).isNotEmptyDirectory();
    }
  }

  @Test
  void aVolumeSourceIsNotProbed() {
    EngineLab lab = lab("process");
    AgentException refused =
        catchThrowableOfType(
            AgentException.class,
            () -> lab.engine.probe(new ProbeRequest("", new Source("volume:"), "")));
    assertThat(refused.error()).isEqualTo(AgentError.UNSUPPORTED);
    assertThat(refused).hasMessageContaining("when it is loaded");
  }

  @Test
  void interruptedAtAnyPointItGoesOn() throws Exception {
    EngineLab lab = lab("process");
    volume(lab, "interrupted");
    for (int i = 0; i < 4; i++) {
      Thread load =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  lab.engine.load(lab.request("interrupted", "volume:"), (_, _, _) -> {});
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      Thread.sleep(random.nextInt(400));
      load.interrupt();
      assertThat(load.join(Duration.ofSeconds(20))).as("ends soon").isTrue();
    }
    lab.engine.load(lab.request("interrupted", "volume:"), (_, _, _) -> {});
    assertThat(rowsOf(lab, "interrupted")).isEqualTo("20000/1000");
  }

  @Test
  void ofAnAgentThatWasKilledItGoesOn() throws Exception {
    for (int i = 0; i < 3; i++) {
      EngineLab lab = lab("process");
      String name = "killed-" + i;
      Path root = volume(lab, name);
      CutIT.liveAndDie(
          Duration.ofMillis(random.nextInt(600)),
          List.of("process", agent("process"), folder.toString(), name, "load", "volume:"));
      lab.engine.endLeftovers(TestVolumes.POOL, name);
      lab.engine.load(lab.request(name, "volume:"), (_, _, _) -> {});
      assertThat(names(root)).containsExactly("data", "log", "ramet", "run", "tablespaces");
      assertThat(rowsOf(lab, name)).isEqualTo("20000/1000");
    }
  }

  private static String rowsOf(EngineLab lab, String volume) throws Exception {
    InstanceSpec spec = EngineLab.spec(volume, SourcePostgres.freePort(), Map.of());
    lab.instances.start(spec);
    try {
      return query(spec, ROWS);
    } finally {
      lab.instances.delete(volume, GRACE);
    }
  }

  private static String query(InstanceSpec spec, String sql) throws Exception {
    return SourcePostgres.query(
        spec.port(), EngineLab.USER, EngineLab.PASSWORD.value(), "shop", sql);
  }

  private static List<String> names(Path root) {
    return VolumePaths.entries(root).stream().map(path -> path.getFileName().toString()).toList();
  }

  private static Path only(Path in) {
    List<Path> entries = VolumePaths.entries(in);
    assertThat(entries).hasSize(1);
    return entries.getFirst();
  }

  private static void sh(String... command) throws Exception {
    Completed result = Commands.run(Command.of(command), Duration.ofMinutes(1));
    assertThat(result.ok()).as(result.output().toString()).isTrue();
  }
}
