package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.engine.postgres.ClientPrograms;
import dev.ramet.agent.engine.postgres.Ledger;
import dev.ramet.agent.engine.postgres.SourcePostgres;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.proto.agent.v1.CreateSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.Source;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Production runs on a volume of its own and is written to; a snapshot of that volume, taken below
 * the file system and without a word to the server, becomes an image.
 */
@Timeout(300)
class AdoptedVolumeIT {
  private static final String SECRET = "clone-password";

  @TempDir static Path dir;
  private static TestAgent agent;
  private static Verbs verbs;
  private static SourcePostgres production;

  @BeforeAll
  static void runProductionOnAVolume() throws Exception {
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    agent = TestAgent.start(dir.resolve("host-v"));
    verbs = new Verbs(agent.volumes());
    verbs.create("production", 1L << 30);
    production = SourcePostgres.start(Path.of(verbs.attach("production").getPath()));
    production.sql("postgres", "CREATE DATABASE shop");
    ClientPrograms.of(production).run("pgbench", "-i", "-q", "-s", "5", "shop");
  }

  @AfterAll
  static void leaveNothing() throws Exception {
    try (TestAgent _ = agent) {
      production.close();
    }
  }

  @Test
  void aSnapshotOfABusyServersVolumeBecomesAnImage() throws Exception {
    Process pgbench = ClientPrograms.of(production).pgbench("shop", dir.resolve("pgbench"));
    long before;
    long after;
    try (Ledger ledger =
        Ledger.open(production.port(), "postgres", SourcePostgres.PASSWORD, "shop")) {
      Thread.sleep(2000);
      before = ledger.committed();
      agent
          .volumes()
          .createSnapshot(
              CreateSnapshotRequest.newBuilder()
                  .setPool(TestAgent.POOL)
                  .setId("lun")
                  .setSource("production")
                  .setLive(true)
                  .build());
      after = ledger.committed();
      Thread.sleep(500);
      assertThat(pgbench.isAlive()).as("writes went on all the time").isTrue();
    } finally {
      ProcessTable.killTree(pgbench.pid());
    }
    verbs.clone("img.build", "lun");
    verbs.attach("img.build");
    refused("ALREADY_EXISTS", () -> load(production.url("shop")));
    List<LoadProgress> progress = load("volume:");
    assertThat(progress.getLast().getResult().getDatabase()).isEqualTo("shop");
    assertThat(progress)
        .as("short steps may be passed over")
        .extracting(LoadProgress::getStep)
        .contains("recover");
    verbs.detach("img.build");
    verbs.snapshot("img.1", "img.build");
    for (String clone : List.of("c.1", "c.2")) {
      verbs.clone(clone, "img.1");
      assertWhole(start(clone), before, after);
    }
    for (String clone : List.of("c.1", "c.2")) {
      agent.instances().deleteInstance(DeleteInstanceRequest.newBuilder().setId(clone).build());
    }
  }

  private static List<LoadProgress> load(String source) {
    List<LoadProgress> progress = new ArrayList<>();
    agent
        .engines()
        .loadSource(
            LoadSourceRequest.newBuilder()
                .setPool(TestAgent.POOL)
                .setVolume("img.build")
                .setEngine("postgres")
                .setEngineVersion("15")
                .setSource(Source.newBuilder().setLocation(source))
                .build())
        .forEachRemaining(progress::add);
    return progress;
  }

  private static void assertWhole(Instance clone, long before, long after) throws Exception {
    long rows = Long.parseLong(ask(clone, "SELECT count(*) FROM ledger"));
    assertThat(rows).as("committed rows").isBetween(before, after + 1);
    assertThat(ask(clone, "SELECT max(id) FROM ledger")).isEqualTo(Long.toString(rows));
    assertThat(
            ask(
                clone,
                "SELECT sum(abalance) = (SELECT sum(bbalance) FROM pgbench_branches) AND"
                    + " sum(abalance) = (SELECT sum(tbalance) FROM pgbench_tellers) FROM"
                    + " pgbench_accounts"))
        .isEqualTo("t");
    assertThat(
            ClientPrograms.on(clone.getPort(), "ramet", SECRET)
                .run("pg_amcheck", "--all", "--install-missing"))
        .isEmpty();
  }

  private static Instance start(String id) {
    verbs.attach(id);
    return agent
        .instances()
        .startInstance(
            StartInstanceRequest.newBuilder()
                .setId(id)
                .setEngine("postgres")
                .setEngineVersion("15")
                .setPool(TestAgent.POOL)
                .setVolume(id)
                .setAddress("127.0.0.1")
                .setPort(SourcePostgres.freePort())
                .setUser("ramet")
                .setPassword(SECRET)
                .build());
  }

  private static String ask(Instance instance, String sql) throws Exception {
    return SourcePostgres.query(instance.getPort(), "ramet", SECRET, "shop", sql);
  }
}
