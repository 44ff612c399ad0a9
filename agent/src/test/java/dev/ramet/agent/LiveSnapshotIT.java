package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.engine.postgres.ClientPrograms;
import dev.ramet.agent.engine.postgres.Ledger;
import dev.ramet.agent.engine.postgres.SourcePostgres;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.CheckpointRequest;
import dev.ramet.proto.agent.v1.ClientConnection;
import dev.ramet.proto.agent.v1.CreateSnapshotRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.GetActivityRequest;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.Source;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.TimedStep;
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
 * A clone is written to by pgbench and by a client that notes what was committed. Live snapshots of
 * it come up as databases that hold all that was committed before, whole, and soon.
 */
@Timeout(300)
class LiveSnapshotIT {
  private static final String SECRET = "clone-password";
  private static final int SNAPSHOTS = 3;
  private static final double LONGEST_RECOVERY = 1000;

  @TempDir static Path dir;
  private static SourcePostgres source;
  private static TestAgent agent;
  private static Verbs verbs;

  @BeforeAll
  static void makeAnImage() throws Exception {
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    source = SourcePostgres.start(dir.resolve("source"));
    source.sql("postgres", "CREATE DATABASE shop");
    ClientPrograms.of(source).run("pgbench", "-i", "-q", "-s", "5", "shop");
    agent = TestAgent.start(dir.resolve("host-l"));
    verbs = new Verbs(agent.volumes());
    verbs.create("img.build", 1L << 30);
    verbs.attach("img.build");
    agent
        .engines()
        .loadSource(
            LoadSourceRequest.newBuilder()
                .setPool(TestAgent.POOL)
                .setVolume("img.build")
                .setEngine("postgres")
                .setEngineVersion("15")
                .setSource(Source.newBuilder().setLocation(source.url("shop")))
                .setDatabase("shop")
                .build())
        .forEachRemaining(_ -> {});
    verbs.detach("img.build");
    verbs.snapshot("img.1", "img.build");
  }

  @AfterAll
  static void leaveNothing() throws Exception {
    agent.close();
    source.close();
  }

  @Test
  void aCloneOfALiveSnapshotHoldsAllThatWasCommittedBefore() throws Exception {
    verbs.clone("c.1", "img.1");
    Instance live = start("c.1");
    Process pgbench =
        ClientPrograms.on(live.getPort(), "ramet", SECRET).pgbench("shop", dir.resolve("pgbench"));
    List<Double> recoveries = new ArrayList<>();
    try (Ledger ledger = Ledger.open(live.getPort(), "ramet", SECRET, "shop")) {
      for (int i = 0; i < SNAPSHOTS; i++) {
        Thread.sleep(1000);
        recoveries.add(saveAndLook(ledger, "s." + i));
      }
      assertBusy();
      assertThat(pgbench.isAlive()).as("writes went on all the time").isTrue();
    } finally {
      ProcessTable.killTree(pgbench.pid());
    }
    recoveries.sort(null);
    System.out.printf("recovery of a live snapshot: %s ms%n", recoveries);
    assertThat(recoveries.getFirst()).as("the fastest").isLessThan(LONGEST_RECOVERY);
  }

  /** Takes a snapshot, starts a clone of it, and tells how long that was not ready. */
  private static double saveAndLook(Ledger ledger, String save) throws Exception {
    agent.instances().checkpoint(CheckpointRequest.newBuilder().setId("c.1").build());
    refused("IN_USE", () -> verbs.snapshot(save, "c.1"));
    long before = ledger.committed();
    long began = System.nanoTime();
    CreateSnapshotRequest request =
        CreateSnapshotRequest.newBuilder()
            .setPool(TestAgent.POOL)
            .setId(save)
            .setSource("c.1")
            .setLive(true)
            .build();
    agent.volumes().createSnapshot(request);
    double snapshot = (System.nanoTime() - began) / 1e6;
    long after = ledger.committed();
    verbs.clone("of." + save, save);
    Instance clone = start("of." + save);
    double ready = millis(clone, "ready");
    System.out.printf(
        "%s: snapshot %.1f ms, start to ready %.1f ms; %d rows before, %d after%n",
        save, snapshot, ready, before, after);
    assertWhole(clone, before, after);
    agent
        .instances()
        .deleteInstance(DeleteInstanceRequest.newBuilder().setId("of." + save).build());
    verbs.detach("of." + save);
    verbs.delete("of." + save);
    return ready;
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

  private static void assertBusy() {
    Activity activity =
        agent.instances().getActivity(GetActivityRequest.newBuilder().setId("c.1").build());
    assertThat(activity.getUse()).isPositive();
    assertThat(activity.getConnectionsList())
        .extracting(ClientConnection::getApplication)
        .contains("pgbench")
        .hasSize(3);
  }

  private static double millis(Instance started, String step) {
    return started.getStepsList().stream()
        .filter(found -> found.getName().equals(step))
        .map(TimedStep::getElapsed)
        .mapToDouble(elapsed -> elapsed.getSeconds() * 1e3 + elapsed.getNanos() / 1e6)
        .sum();
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
