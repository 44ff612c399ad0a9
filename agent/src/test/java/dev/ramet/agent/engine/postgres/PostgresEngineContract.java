package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.instance.Instance;
import dev.ramet.agent.runtime.InstanceRuntime;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of the engine on any runtime: a base backup under load, and instances on it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PostgresEngineContract {
  private static final Duration GRACE = Duration.ofSeconds(10);

  Path folder;
  EngineLab lab;
  private SourcePostgres source;
  private LoadResult loaded;
  private final List<String> ids = new ArrayList<>();
  private final List<String> progress = new ArrayList<>();

  abstract Function<TestVolumes, InstanceRuntime> runtime(Path folder);

  @BeforeAll
  void loadAnImageOfABusyServer(@TempDir Path temporary) throws Exception {
    folder = temporary;
    Commands.run(Command.of("chmod", "755", folder.toString()), Duration.ofSeconds(5));
    Path tablespace = folder.resolve("fast space");
    Files.createDirectories(tablespace);
    SourcePostgres.own(tablespace);
    source =
        SourcePostgres.start(
            folder.resolve("source"), "shared_preload_libraries=pg_stat_statements");
    source.sql(
        "postgres",
        "CREATE DATABASE shop",
        "CREATE DATABASE \"odd \"\" name\"",
        "CREATE TABLESPACE fast LOCATION '" + tablespace + "'",
        "ALTER SYSTEM SET archive_command = 'false'");
    source.sql(
        "shop",
        "CREATE TABLE quick (id int PRIMARY KEY) TABLESPACE fast",
        "INSERT INTO quick SELECT generate_series(1, 1000)",
        "SELECT pg_create_physical_replication_slot('replica')",
        "CREATE SUBSCRIPTION upstream CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p"
            + " WITH (connect = false)");
    assertThat(source.tool("pgbench", "-i", "-q", "-s", "2", "shop").ok()).isTrue();
    TestVolumes volumes = new TestVolumes(folder.resolve("pool"));
    lab = new EngineLab(volumes, runtime(folder).apply(volumes));
    lab.instances.warmUp();
    volumes.create("image");
    Process writes = source.pgbench("shop");
    try {
      loaded =
          lab.engine.load(
              lab.request("image", source.url("shop")),
              (step, done, total) -> progress.add(step + " " + done + "/" + total));
      assertThat(writes.isAlive()).as("writes went on all the time").isTrue();
    } finally {
      ProcessTable.killTree(writes.pid());
    }
  }

  @AfterEach
  void deleteInstances() throws Exception {
    for (String id : ids) {
      lab.instances.delete(id, GRACE);
    }
    ids.clear();
  }

  @AfterAll
  void stopSource() throws Exception {
    if (source != null) {
      source.close();
    }
  }

  InstanceSpec clone(String id, Map<String, String> options) throws Exception {
    lab.volumes.copy("image", id);
    ids.add(id);
    return EngineLab.spec(id, SourcePostgres.freePort(), options);
  }

  /** The same with 256 MiB and half a CPU. */
  static InstanceSpec limited(InstanceSpec spec) {
    return new InstanceSpec(
        spec.id(),
        spec.engine(),
        spec.engineVersion(),
        spec.runtime(),
        spec.pool(),
        spec.volume(),
        spec.address(),
        spec.port(),
        spec.engineOptions(),
        256L << 20,
        500,
        spec.user(),
        spec.password(),
        spec.labels());
  }

  static String query(InstanceSpec spec, String database, String sql) throws Exception {
    return SourcePostgres.query(
        spec.port(), EngineLab.USER, EngineLab.PASSWORD.value(), database, sql);
  }

  private AgentException failure(InstanceSpec spec) {
    try {
      lab.instances.start(spec);
    } catch (AgentException e) {
      return e;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("it started");
  }

  @Test
  void settingsThatHoldWritesBackDoNotKeepTheUserFromBeingMade() throws Exception {
    InstanceSpec spec =
        clone(
            "held-back",
            Map.of("synchronous_standby_names", "nobody", "default_transaction_read_only", "on"));
    lab.instances.start(spec);
    assertThat(query(spec, "shop", "SHOW default_transaction_read_only")).isEqualTo("on");
  }

  @Test
  void theLoadKnowsWhatItMade() {
    assertThat(loaded.engineVersion()).isEqualTo("15");
    assertThat(loaded.database()).isEqualTo("shop");
    assertThat(loaded.databases()).contains("shop", "postgres", "odd \" name");
    assertThat(loaded.dataBytes()).isGreaterThan(30_000_000);
    assertThat(progress).anyMatch(line -> line.matches("base-backup [1-9]\\d*/[1-9]\\d*"));
  }

  @Test
  void theImageWasShutDownCleanlyAndHoldsNothingOfTheLoad() throws Exception {
    Path image = folder.resolve("pool/image");
    assertThat(ControlFile.state(image.resolve("data"))).isEqualTo(1);
    assertThat(image.resolve("load")).doesNotExist();
    assertThat(image.resolve("log")).isEmptyDirectory();
    assertThat(image.resolve("run")).isEmptyDirectory();
    assertThat(image.resolve("data/postmaster.pid")).doesNotExist();
    assertThat(Files.readString(image.resolve("ramet/postgresql.conf")))
        .contains("max_connections = '120'")
        .contains("shared_preload_libraries = 'pg_stat_statements'")
        .doesNotContain("cron");
    assertThat(BaseBackup.passwordFile("p/image")).doesNotExist();
  }

  @Test
  void loadingACompleteVolumeAgainAnswersAtOnce() throws Exception {
    List<String> steps = new ArrayList<>();
    assertThat(
            lab.engine.load(
                lab.request("image", source.url("shop")), (step, done, total) -> steps.add(step)))
        .isEqualTo(loaded);
    assertThat(steps).isEmpty();
  }

  @Test
  void anInstanceAnswersAndItsDataIsWhole() throws Exception {
    InstanceSpec spec = clone("whole", Map.of("shared_buffers", "64MB"));
    Instance started = lab.instances.start(spec);
    System.out.println(lab.runtime.name() + " first start: " + started.steps());
    assertThat(started.state()).isEqualTo(Instance.State.RUNNING);
    assertThat(started.steps())
        .extracting("name")
        .containsExactly("prepare", "create", "start", "ready", "user");
    assertThat(lab.instances.find("whole")).map(Instance::state).contains(Instance.State.RUNNING);
    assertThat(lab.instances.list()).extracting(Instance::id).containsExactly("whole");
    assertThat(query(spec, "shop", "SELECT count(*) FROM quick")).isEqualTo("1000");
    assertThat(query(spec, "shop", "SHOW shared_buffers")).isEqualTo("64MB");
    assertThat(query(spec, "shop", "SHOW fsync")).isEqualTo("on");
    assertThat(query(spec, "shop", "SHOW archive_mode")).isEqualTo("off");
    assertThat(query(spec, "shop", "SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
    assertThat(query(spec, "shop", "SELECT subenabled FROM pg_subscription")).isEqualTo("f");
    assertThat(
            query(
                spec,
                "shop",
                "SELECT sum(abalance) = (SELECT sum(bbalance) FROM pgbench_branches) FROM"
                    + " pgbench_accounts"))
        .isEqualTo("t");
    Completed amcheck =
        Commands.run(
            new Command(
                List.of(SourcePostgres.BIN + "pg_amcheck", "--all", "--install-missing"),
                Map.of(
                    "PGHOST",
                    "127.0.0.1",
                    "PGPORT",
                    "" + spec.port(),
                    "PGUSER",
                    EngineLab.USER,
                    "PGPASSWORD",
                    EngineLab.PASSWORD.value())),
            Duration.ofMinutes(2));
    assertThat(amcheck.output()).isEmpty();
    assertThat(amcheck.ok()).isTrue();
    List<String> log = log("whole");
    assertThat(log).anyMatch(line -> line.contains("ready to accept connections"));
    assertThat(log).noneMatch(line -> line.contains("recovery") || line.contains("SCRAM"));
    lab.instances.delete("whole", GRACE);
    assertThat(lab.instances.find("whole")).isEmpty();
    assertThat(ControlFile.state(folder.resolve("pool/whole/data"))).isEqualTo(1);
  }

  @Test
  void startingTwiceIsTheSameInstanceAndOtherArgumentsAreRefused() throws Exception {
    InstanceSpec spec = clone("twice", Map.of());
    Instance first = lab.instances.start(spec);
    Instance again = lab.instances.start(spec);
    assertThat(again.handle()).isEqualTo(first.handle());
    InstanceSpec other =
        EngineLab.spec("twice", SourcePostgres.freePort(), Map.of("work_mem", "8MB"));
    assertThat(failure(other).error()).isEqualTo(AgentError.ALREADY_EXISTS);
    assertThat(lab.instances.find("twice")).map(Instance::handle).contains(first.handle());
  }

  @Test
  void anInstanceOutlivesTheAgentAndIsKnownAgain() throws Exception {
    InstanceSpec spec = clone("outlives", Map.of());
    Instance first = lab.instances.start(spec);
    EngineLab restarted = new EngineLab(lab.volumes, runtime(folder).apply(lab.volumes));
    restarted.instances.warmUp();
    assertThat(restarted.instances.find("outlives")).map(Instance::handle).contains(first.handle());
    assertThat(restarted.instances.start(spec).handle()).isEqualTo(first.handle());
    assertThat(query(spec, "shop", "SELECT 1")).isEqualTo("1");
    restarted.instances.delete("outlives", GRACE);
    assertThat(restarted.instances.find("outlives")).isEmpty();
    restarted.instances.delete("outlives", GRACE);
  }

  @Test
  void aPortThatSomebodyElseHasIsRefusedAndNothingIsLeft() throws Exception {
    InstanceSpec spec = clone("taken", Map.of());
    try (ServerSocket other =
        new ServerSocket(spec.port(), 1, InetAddress.getByName("127.0.0.1"))) {
      AgentException failure = failure(spec);
      assertThat(failure.error()).isEqualTo(AgentError.PORT_TAKEN);
      assertThat(failure).hasMessageContaining(Integer.toString(other.getLocalPort()));
      assertThat(failure.metadata()).containsKey("port");
    }
    assertThat(lab.instances.find("taken")).isEmpty();
  }

  @Test
  void aBadEngineOptionIsNamedAndNothingIsLeft() throws Exception {
    InstanceSpec unknown = clone("bad-option", Map.of("no_such_setting", "1"));
    AgentException failure = failure(unknown);
    assertThat(failure.error()).isEqualTo(AgentError.ENGINE_OPTION_INVALID);
    assertThat(failure).hasMessageContaining("no_such_setting");
    assertThat(failure.logTail()).isNotEmpty();
    assertThat(lab.instances.find("bad-option")).isEmpty();
    InstanceSpec value = EngineLab.spec("bad-option", unknown.port(), Map.of("work_mem", "a lot"));
    assertThat(failure(value)).hasMessageContaining("work_mem");
    InstanceSpec name = EngineLab.spec("bad-option", unknown.port(), Map.of("x'; y", "1"));
    assertThat(failure(name).error()).isEqualTo(AgentError.ENGINE_OPTION_INVALID);
    InstanceSpec ours = EngineLab.spec("bad-option", unknown.port(), Map.of("port", "1"));
    assertThat(failure(ours)).hasMessageContaining("set by Ramet");
  }

  @Test
  void anInstanceThatDiesAtStartLeavesItsLastWords() throws Exception {
    InstanceSpec spec = clone("dies", Map.of());
    Files.delete(folder.resolve("pool/dies/data/global/pg_control"));
    AgentException failure = failure(spec);
    assertThat(failure.error()).isEqualTo(AgentError.INSTANCE_DIED);
    assertThat(failure.logTail()).anyMatch(line -> line.contains("pg_control"));
    assertThat(lab.instances.find("dies")).isEmpty();
  }

  @Test
  void anInstanceThatWasKilledIsDeadAndStartsAnew() throws Exception {
    InstanceSpec spec = clone("killed", Map.of());
    lab.instances.start(spec);
    kill("killed");
    assertThat(lab.instances.find("killed")).map(Instance::state).contains(Instance.State.DEAD);
    Instance again = lab.instances.start(spec);
    assertThat(again.state()).isEqualTo(Instance.State.RUNNING);
    assertThat(query(spec, "shop", "SELECT count(*) FROM quick")).isEqualTo("1000");
  }

  @Test
  void manyStartsAreFast() throws Exception {
    List<Double> totals = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      InstanceSpec spec = clone("fast-" + i, Map.of());
      long began = System.nanoTime();
      Instance started = lab.instances.start(spec);
      totals.add((System.nanoTime() - began) / 1e6);
      System.out.println(lab.runtime.name() + " start " + i + ": " + started.steps());
      long deleting = System.nanoTime();
      lab.instances.delete("fast-" + i, GRACE);
      System.out.printf(
          "%s delete: %.1f ms%n", lab.runtime.name(), (System.nanoTime() - deleting) / 1e6);
    }
    totals.sort(null);
    System.out.printf("%s start median: %.1f ms%n", lab.runtime.name(), totals.get(3));
    assertThat(totals.get(3)).isLessThan(3000);
  }

  @Test
  void anotherDatabaseThanThoseOfTheSourceIsRefused() {
    lab.volumes.create("other-db");
    assertThatThrownBy(() ->
            lab.engine.load(lab.request("other-db", source.url("shop"), "nope"), (_, _, _) -> {}))
        .isInstanceOf(AgentException.class)
        .hasMessageContaining("no database 'nope'");
  }

  List<String> log(String id) throws Exception {
    List<String> lines = new ArrayList<>();
    lab.instances.log(id, 0, false, lines::addAll);
    return lines;
  }

  abstract void kill(String id) throws Exception;
}
