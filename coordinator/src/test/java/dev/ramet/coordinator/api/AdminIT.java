package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.ramet.coordinator.reconcile.ReconcileSettings;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.CheckHostsRequest;
import dev.ramet.proto.v1.CheckHostsResponse;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.EventServiceGrpc;
import dev.ramet.proto.v1.HostCheck;
import dev.ramet.proto.v1.HostThing;
import dev.ramet.proto.v1.HostThing.Standing;
import dev.ramet.proto.v1.MissingThing;
import dev.ramet.proto.v1.Reap;
import dev.ramet.proto.v1.ReapOrphansRequest;
import dev.ramet.proto.v1.ReapOrphansResponse;
import dev.ramet.proto.v1.WatchEventsRequest;
import dev.ramet.proto.v1.WatchReapsRequest;
import io.grpc.Context;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What hosts hold against what records want, orphans, and events, over real records. */
@Timeout(120)
class AdminIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  /** Hosts are looked at often; nothing is removed or started again by itself. */
  private static final ReconcileSettings LAZY =
      new ReconcileSettings(
          Duration.ofMinutes(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(15),
          Duration.ofMillis(50),
          2,
          Duration.ofMillis(100),
          8,
          2,
          Duration.ofMillis(300),
          Duration.ofHours(1),
          Duration.ofMillis(300),
          Duration.ofDays(1),
          Duration.ofMinutes(15));

  private static final byte[] BROKEN = "\u0007 no protobuf".getBytes(StandardCharsets.UTF_8);

  private CoordinatorLab lab;
  private FakeAgent host;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
    lab.startReconciler(LAZY);
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private CheckHostsResponse checkAll() {
    return lab.admin().checkHosts(CheckHostsRequest.getDefaultInstance());
  }

  private HostCheck check() {
    return checkAll().getHostsList().stream()
        .filter(one -> one.getHost().equals("host-a"))
        .findFirst()
        .orElseThrow();
  }

  private List<HostThing> things(Standing standing) {
    return check().getThingsList().stream()
        .filter(thing -> thing.getStanding() == standing)
        .toList();
  }

  private List<String> ids(Standing standing) {
    return things(standing).stream().map(HostThing::getId).toList();
  }

  private String volume() {
    return "c." + lab.find("c").orElseThrow().getUid();
  }

  private List<Reap> reap() {
    ReapOrphansResponse asked = lab.admin().reapOrphans(ReapOrphansRequest.getDefaultInstance());
    List<Reap> over = new ArrayList<>();
    lab.admin()
        .watchReaps(WatchReapsRequest.newBuilder().addAllReaps(asked.getReapsList()).build())
        .forEachRemaining(over::add);
    return over;
  }

  @Test
  void whereAllAgreesEverythingIsWantedAndNothingMissing() {
    HostCheck check = check();
    assertThat(check.getThingsList())
        .hasSize(3)
        .allMatch(thing -> thing.getStanding() == Standing.WANTED);
    assertThat(check.getMissingList()).isEmpty();
    assertThat(check.getLeftoversList()).isEmpty();
    assertThat(check.hasFailure()).isFalse();
  }

  @Test
  void orphansAreNamedWithTheirSizeAndSinceWhenAndWhatIsNotOursIsSaidToBeSo() {
    host.putVolume("ghost.abcd0123");
    host.putSnapshot("ghost.3.abcd0123");
    host.putSnapshot("somebody-elses-backup");
    host.putLeftover("half.tmp");
    assertThat(ids(Standing.ORPHAN))
        .containsExactlyInAnyOrder("ghost.abcd0123", "ghost.3.abcd0123");
    assertThat(ids(Standing.FOREIGN)).containsExactly("somebody-elses-backup");
    CoordinatorLab.eventually(
        "the leader has seen them",
        () -> things(Standing.ORPHAN).stream().allMatch(HostThing::hasSince));
    assertThat(things(Standing.ORPHAN))
        .filteredOn(thing -> thing.getKind() == HostThing.Kind.VOLUME)
        .extracting(HostThing::getOwnBytes)
        .containsExactly(4096L);
    assertThat(check().getLeftoversList()).extracting(left -> left.getName()).hasSize(1);
    assertThat(host.volumes()).as("the grace period is an hour").contains("ghost.abcd0123");
  }

  @Test
  void orphansAreRemovedAtOnceWhereThatIsAskedForAndNothingElse() {
    host.putVolume("ghost.abcd0123.r2");
    host.putSnapshot("ghost.abcd0123.save");
    host.putSnapshot("somebody-elses-backup");
    List<Reap> reaps = reap();
    assertThat(reaps).hasSize(1);
    assertThat(reaps.getFirst().getDone()).isTrue();
    assertThat(reaps.getFirst().getKeptList()).isEmpty();
    assertThat(reaps.getFirst().getRemovedList())
        .containsExactlyInAnyOrder("ghost.abcd0123.r2", "ghost.abcd0123.save");
    assertThat(host.volumes()).containsExactly(volume());
    assertThat(host.snapshots()).hasSize(2).contains("somebody-elses-backup");
    assertThat(ids(Standing.ORPHAN)).isEmpty();
    assertThat(check().getReaping()).isFalse();
    assertThat(lab.find("c").orElseThrow().getState()).isEqualTo(Clone.State.READY);
  }

  @Test
  void whatCannotBeRemovedIsKeptWithTheReason() {
    host.putVolume("stuck.abcd0123");
    host.putVolume("ghost.abcd0123");
    host.refuse("DeleteVolume stuck.abcd0123", Status.Code.INTERNAL, "DEVICE", 1);
    Reap reap = reap().getFirst();
    assertThat(reap.getRemovedList()).containsExactly("ghost.abcd0123");
    assertThat(reap.getKept(0).getId()).isEqualTo("stuck.abcd0123");
    assertThat(reap.getKept(0).getReason()).startsWith("DEVICE");
    assertThat(reap().getFirst().getRemovedList()).containsExactly("stuck.abcd0123");
  }

  @Test
  void aRecordThatCannotBeReadProtectsWhatItMayWant() {
    String volume = volume();
    host.putVolume("ghost.abcd0123");
    etcd.put(Keys.clone("c").path(), BROKEN);
    CoordinatorLab.eventually(
        "it is unreadable", () -> checkAll().getUnreadableRecordsCount() == 1);
    assertThat(checkAll().getUnreadableRecordsList()).containsExactly("/ramet/v1/clones/c");
    assertThat(ids(Standing.PROTECTED)).contains(volume, "ghost.abcd0123");
    assertThat(ids(Standing.ORPHAN)).isEmpty();
    assertThat(reap().getFirst().getRemovedList()).isEmpty();
    assertThat(host.volumes()).containsExactlyInAnyOrder(volume, "ghost.abcd0123");
    assertThat(host.instances()).containsExactly(volume);
  }

  @Test
  void whatRecordsWantAndTheHostLacksIsNamed() {
    String volume = volume();
    lab.stopReconciler();
    host.loseVolume(volume);
    String snapshot = host.snapshots().getFirst();
    host.loseSnapshot(snapshot);
    assertThat(check().getMissingList())
        .extracting(MissingThing::getKind, MissingThing::getId, MissingThing::getWantedBy)
        .containsExactlyInAnyOrder(
            tuple(HostThing.Kind.VOLUME, volume, "clone c"),
            tuple(HostThing.Kind.INSTANCE, volume, "clone c"),
            tuple(HostThing.Kind.SNAPSHOT, snapshot, "revision app:1"));
  }

  @Test
  void aServerThatDiedIsMissing() {
    lab.stopReconciler();
    host.killInstance(volume());
    assertThat(check().getMissingList())
        .extracting(MissingThing::getKind)
        .containsExactly(HostThing.Kind.INSTANCE);
  }

  @Test
  void aHostThatCannotBeAskedIsNamedAndNotReaped() {
    FakeAgent other = lab.host("host-b");
    lab.lose(other);
    HostCheck check =
        checkAll().getHostsList().stream()
            .filter(one -> one.getHost().equals("host-b"))
            .findFirst()
            .orElseThrow();
    assertThat(check.getFailure().getCode()).isEqualTo("HOST_LOST");
    assertThat(reap())
        .extracting(Reap::getHost, reap -> reap.getFailure().getCode())
        .contains(tuple("host-b", "HOST_LOST"));
  }

  @Test
  void eventsTellWhatIsWrongThenWhatHappens() {
    host.refuse("StartInstance", Status.Code.INTERNAL);
    lab.create("bad");
    lab.awaitState("bad", Clone.State.FAILED);
    host.heal();
    EventServiceGrpc.EventServiceBlockingStub events =
        EventServiceGrpc.newBlockingStub(lab.channel());
    List<Event> now = new ArrayList<>();
    events.watchEvents(WatchEventsRequest.getDefaultInstance()).forEachRemaining(now::add);
    assertThat(now).extracting(Event::getName).containsExactly("bad");
    assertThat(now.getFirst().getCode()).isEqualTo("REFUSED");
    assertThat(now.getFirst().getPresent()).isTrue();
    try (Context.CancellableContext call = Context.current().withCancellation()) {
      List<String> types = new ArrayList<>();
      call.run(() -> {
        Iterator<Event> stream =
            events.watchEvents(WatchEventsRequest.newBuilder().setFollow(true).build());
        assertThat(stream.next()).isEqualTo(now.getFirst());
        lab.create("next");
        while (!types.contains("CLONE_READY")) {
          types.add(stream.next().getType());
        }
        lab.lose(host);
        types.add(stream.next().getType());
      });
      assertThat(types).containsExactly("CLONE_CREATED", "CLONE_READY", "HOST_LOST");
    }
  }
}
