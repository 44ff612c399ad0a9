package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.HostCheck;
import dev.ramet.proto.v1.HostThing;
import dev.ramet.proto.v1.KeptThing;
import dev.ramet.proto.v1.MissingThing;
import dev.ramet.proto.v1.PoolLeftover;
import dev.ramet.proto.v1.Reap;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events, and what operators see of hosts against records. */
class AdminCommandsTest {
  private static final Failure LOST =
      Failure.newBuilder().setCode("HOST_LOST").setMessage("host host-b is silent").build();

  /** Ten minutes before the clock of the tests. */
  private static final Timestamp TEN_MINUTES =
      Timestamp.newBuilder().setSeconds(1_793_533_800L).build();

  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();
  private CliRun.Surroundings here;

  @BeforeEach
  void fill() {
    coordinator.addExamples();
    here = new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  private static HostThing thing(HostThing.Kind kind, String id, HostThing.Standing standing) {
    return HostThing.newBuilder()
        .setKind(kind)
        .setId(id)
        .setPool(kind == HostThing.Kind.INSTANCE ? "" : "main")
        .setStanding(standing)
        .build();
  }

  private static HostCheck.Builder agreeing() {
    return HostCheck.newBuilder()
        .setHost("host-a")
        .addThings(thing(HostThing.Kind.VOLUME, "fix-1.ab12cd34", HostThing.Standing.WANTED))
        .addThings(thing(HostThing.Kind.INSTANCE, "fix-1.ab12cd34", HostThing.Standing.WANTED))
        .addThings(thing(HostThing.Kind.SNAPSHOT, "backup", HostThing.Standing.FOREIGN));
  }

  private static HostCheck differing() {
    return agreeing()
        .addThings(
            thing(HostThing.Kind.VOLUME, "ghost.abcd0123", HostThing.Standing.ORPHAN).toBuilder()
                .setOwnBytes(1 << 20)
                .setSince(TEN_MINUTES))
        .addMissing(
            MissingThing.newBuilder()
                .setKind(HostThing.Kind.SNAPSHOT)
                .setId("app.7.abcd0123")
                .setPool("main")
                .setWantedBy("revision app:7"))
        .addLeftovers(
            PoolLeftover.newBuilder().setPool("main").setName("x.tmp").setReason("half a volume"))
        .build();
  }

  @Test
  void whereHostsAndRecordsAgreeTheCheckIsWell() {
    coordinator.admin.checks.add(agreeing().build());
    assertThat(here.run("admin", "check"))
        .isEqualTo(
            new CliRun(
                0,
                """
                HOST    VOLUMES  SNAPSHOTS  INSTANCES  RECORDS AND HOST
                host-a  1        1          1          agree
                """,
                "hosts and records agree\n"));
    assertThat(here.run("admin", "check", "-o", "json").out()).contains("\"agrees\": true");
  }

  @Test
  void eachDifferenceIsNamedAndTheExitCodeSaysSo() {
    coordinator.admin.checks.add(differing());
    coordinator.admin.checks.add(HostCheck.newBuilder().setHost("host-b").setFailure(LOST).build());
    assertThat(here.run("admin", "check"))
        .isEqualTo(
            new CliRun(
                8,
                """
                HOST    VOLUMES  SNAPSHOTS  INSTANCES  RECORDS AND HOST
                host-a  2        1          1          differ
                host-b  -        -          -          not asked: HOST_LOST: host host-b is silent

                HOST    WHAT      KIND      ID              POOL  WHY
                host-a  orphan    volume    ghost.abcd0123  main  no record wants it, 1 MiB of its own, known for 10m
                host-a  missing   snapshot  app.7.abcd0123  main  revision app:7 wants it
                host-a  leftover  -         x.tmp           main  half a volume
                """,
                ""));
    assertThat(here.run("admin", "check", "-o", "yaml").out())
        .contains("standing: ORPHAN\n", "wantedBy: \"revision app:7\"");
  }

  @Test
  void aRecordThatCannotBeReadIsADifference() {
    coordinator.admin.checks.add(agreeing().build());
    coordinator.admin.unreadable.add("/ramet/v1/clones/x");
    CliRun run = here.run("admin", "check");
    assertThat(run.status()).isEqualTo(8);
    assertThat(run.out()).endsWith("record /ramet/v1/clones/x cannot be read\n");
  }

  @Test
  void orphansAreListed() {
    coordinator.admin.checks.add(differing());
    assertThat(here.run("admin", "orphans").out())
        .isEqualTo(
            """
            HOST    KIND    ID              POOL  SIZE   KNOWN FOR
            host-a  volume  ghost.abcd0123  main  1 MiB  10m
            """);
    assertThat(here.run("admin", "orphans", "-o", "json").out())
        .contains("\"host\": \"host-a\"", "\"ownBytes\": 1048576");
  }

  @Test
  void orphansAreReapedAndWhatBecameOfThemIsSaid() {
    coordinator.admin.reaps.add(
        Reap.newBuilder().setHost("host-a").setDone(true).addRemoved("ghost.abcd0123").build());
    assertThat(here.run("admin", "orphans", "--reap"))
        .isEqualTo(
            new CliRun(
                0,
                """
                HOST    ID              RESULT
                host-a  ghost.abcd0123  removed
                """,
                ""));
    assertThat(here.run("admin", "orphans", "--reap", "--no-wait").out()).contains("asked for");
    coordinator.admin.reaps.add(Reap.newBuilder().setHost("host-b").setFailure(LOST).build());
    CliRun lost = here.run("admin", "orphans", "--reap");
    assertThat(lost.status()).isEqualTo(5);
    assertThat(lost.out()).contains("not asked: HOST_LOST");
    coordinator.admin.reaps.set(
        1,
        Reap.newBuilder()
            .setHost("host-b")
            .setDone(true)
            .addKept(KeptThing.newBuilder().setId("stuck.abcd0123").setReason("DEVICE: busy"))
            .build());
    CliRun kept = here.run("admin", "orphans", "--reap");
    assertThat(kept.status()).isEqualTo(1);
    assertThat(kept.out()).contains("kept: DEVICE: busy");
  }

  private void addEvents() {
    Event failed =
        Event.newBuilder()
            .setKind(Event.Kind.CLONE)
            .setName("fix-2")
            .setType("CLONE_FAILED")
            .setMessage("no room in pool main")
            .setCode("POOL_FULL")
            .setPresent(true)
            .build();
    coordinator.admin.events.add(failed);
    coordinator.admin.events.add(failed); // as after a stream that broke
    coordinator.admin.events.add(
        Event.newBuilder()
            .setTime(TEN_MINUTES)
            .setKind(Event.Kind.CLONE)
            .setName("fix-1")
            .setType("CLONE_READY")
            .setMessage("at 127.0.0.1:15001 after 74 ms")
            .build());
  }

  @Test
  void whatIsWrongIsListed() {
    assertThat(here.run("events").err())
        .isEqualTo("nothing is wrong; --watch shows what happens\n");
    addEvents();
    coordinator.admin.events.remove(1);
    assertThat(here.run("events").out())
        .isEqualTo(
            """
            TYPE          NAME   AGE  REASON
            CLONE_FAILED  fix-2  -    POOL_FULL: no room in pool main
            """);
  }

  @Test
  void eventsAreOneLineEachAndWhatIsStillSoIsToldOnce() {
    addEvents();
    assertThat(here.run("events", "-w").out())
        .isEqualTo(
            """
            -                     CLONE_FAILED         fix-2                 POOL_FULL: no room in pool main
            2026-11-01T11:50:00Z  CLONE_READY          fix-1                 at 127.0.0.1:15001 after 74 ms
            """);
    String json = here.run("events", "--watch", "-o", "json").out();
    assertThat(json.lines()).hasSize(2).allMatch(line -> line.matches("\\{.*\\}"));
    assertThat(json).contains("\"type\": \"CLONE_READY\"");
    assertThat(here.run("events", "-w", "-o", "yaml").out()).startsWith("---\n");
  }

  @Test
  void aCloneIsWatchedUntilItIsGone() {
    coordinator.clonesGoInTheEnd = true;
    CliRun run = here.run("clone", "watch", "fix-1");
    assertThat(run.status()).isZero();
    assertThat(run.out().lines().map(line -> line.substring(22).replaceAll(" +", " ")))
        .containsExactly("fix-1 PENDING", "fix-1 PROVISIONING", "fix-1 READY", "fix-1 GONE");
    assertThat(here.run("clone", "watch", "fix-1").status()).isEqualTo(3);
  }
}
