package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.coordinator.testing.ForwardingStore;
import dev.ramet.coordinator.testing.RivalStore;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Revision;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How revisions of images are built, copied and removed: on hosts in memory, with a real etcd. */
@Timeout(120)
class RevisionReconcilerIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final int STEPS_OF_A_BUILD = 6;

  private static final ReconcileSettings IMPATIENT =
      new ReconcileSettings(
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofMillis(50),
          2,
          Duration.ofMillis(100),
          8,
          2,
          Duration.ofMinutes(10),
          Duration.ofMinutes(10),
          Duration.ofMillis(300),
          Duration.ofDays(1),
          Duration.ofMinutes(15));

  private CoordinatorLab lab;
  private FakeAgent host;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private Revision revision(long number) {
    return lab.images()
        .getRevision(GetRevisionRequest.newBuilder().setImage("app").setNumber(number).build());
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aBuildCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    for (int call = 0; call < STEPS_OF_A_BUILD; call++) {
      host.cutFrom(call, cut);
      lab.startReconciler();
      Operation operation = lab.build("app");
      CoordinatorLab.eventually("cut", () -> host.cutCalls() > 0);
      lab.stopReconciler();
      host.heal();
      lab.startReconciler();
      CoordinatorLab.eventually("built", () -> lab.operation(operation.getId()).getDone());
      assertThat(lab.operation(operation.getId()).hasFailure())
          .as("cut at call %d", call)
          .isFalse();
      assertThat(revision(0).getState()).isEqualTo(Revision.State.READY);
      assertThat(host.volumes()).as("the build's volume is gone").isEmpty();
      assertThat(host.snapshots()).hasSize(call + 1);
      lab.stopReconciler();
    }
  }

  @Test
  void aBuildRefusedAtAnyStepLeavesNothingBehind() {
    lab.startReconciler();
    int number = 0;
    for (String verb :
        new String[] {"CreateVolume", "AttachVolume", "LoadSource", "CreateSnapshot"}) {
      number++;
      host.refuse(verb, Status.Code.RESOURCE_EXHAUSTED);
      Operation operation = lab.build("app");
      CoordinatorLab.eventually("over", () -> lab.operation(operation.getId()).getDone());
      assertThat(lab.operation(operation.getId()).getFailure().getCode())
          .as(verb)
          .isEqualTo("REFUSED");
      assertThat(revision(number).getState()).isEqualTo(Revision.State.FAILED);
      assertThat(host.isEmpty()).as(verb).isTrue();
      assertThat(host.snapshots()).as(verb).isEmpty();
      host.heal();
    }
  }

  @Test
  void aReplicaWhoseSourceIsAwayForAMomentDoesNotFail() {
    FakeAgent other = lab.host("host-b");
    other.refuse("PullSnapshot", Status.Code.UNAVAILABLE, "PEER_UNREACHABLE", 2);
    host.refuse("PullSnapshot", Status.Code.UNAVAILABLE, "PEER_UNREACHABLE", 2);
    lab.startReconciler();
    lab.buildApp();
    assertThat(revision(1).getReplicasList())
        .hasSize(2)
        .extracting(Replica::getState)
        .containsOnly(Replica.State.READY);
  }

  @Test
  void aBuildThatOthersKeepWritingOverGoesOn() {
    RivalStore rival = new RivalStore(lab.etcd().store(), 12);
    lab.startReconciler(CoordinatorLab.HASTY, rival, Telemetry.NONE);
    lab.buildApp();
    assertThat(rival.left()).isNotPositive();
    assertThat(revision(1).getState()).isEqualTo(Revision.State.READY);
  }

  /** As {@code image rm} that has to be taken back: its record says so before anybody looks. */
  @Test
  void noRevisionGoesWhileAnyOfItsImageHasClones() throws InterruptedException {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    Operation second = lab.build("app");
    CoordinatorLab.eventually("built", () -> lab.operation(second.getId()).getDone());
    lab.etcd()
        .store()
        .modify(
            Keys.image("app"),
            image -> {
              ImageRecord.Builder doomed = image.toBuilder();
              doomed.getMetaBuilder().setDeleteTime(Times.message(Instant.now()));
              return doomed.build();
            });
    Thread.sleep(2500); // an image is looked at every second
    assertThat(revision(1).getState()).isEqualTo(Revision.State.READY);
    assertThat(revision(2).getState()).isEqualTo(Revision.State.READY);
    assertThat(host.snapshots()).hasSize(2);
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("c").build());
    lab.awaitGone("c");
    CoordinatorLab.eventually("all goes", () -> host.snapshots().isEmpty());
  }

  @Test
  void aHostThatJoinsLaterGetsTheImage() {
    lab.startReconciler();
    lab.buildApp();
    FakeAgent later = lab.host("host-b");
    CoordinatorLab.eventually("copied", () -> later.snapshots().size() == 1);
    CoordinatorLab.eventually(
        "recorded",
        () ->
            revision(1).getReplicasList().stream()
                    .filter(replica -> replica.getState() == Replica.State.READY)
                    .count()
                == 2);
  }

  @Test
  void aReplicaThatWentAwayIsCopiedAgain() {
    FakeAgent other = lab.host("host-b");
    lab.startReconciler();
    lab.buildApp();
    String snapshot = other.snapshots().getFirst();
    other.loseSnapshot(snapshot);
    CoordinatorLab.eventually("copied again", () -> other.snapshots().contains(snapshot));
  }

  @Test
  void aReplicaThatCannotBeReadIsNotTakenForLost() {
    FakeAgent other = lab.host("host-b");
    lab.startReconciler();
    lab.buildApp();
    String snapshot = other.snapshots().getFirst();
    other.damageSnapshot(snapshot);
    CoordinatorLab.eventually("looked at", () -> other.looksAt(snapshot) > 2);
    assertThat(revision(1).getReplicasList())
        .extracting(Replica::getState)
        .containsOnly(Replica.State.READY);
  }

  @Test
  void aDeletedImageIsGoneFromAllHosts() {
    FakeAgent other = lab.host("host-b");
    lab.startReconciler();
    lab.buildApp();
    Operation operation =
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("app").build());
    CoordinatorLab.eventually("gone", () -> lab.operation(operation.getId()).getDone());
    assertThat(host.snapshots()).isEmpty();
    assertThat(other.snapshots()).isEmpty();
  }

  /** Nobody can tell by the name later, where the next image is called the same. */
  @Test
  void anOperationThatDeletesEndsTogetherWithWhatItDeletes() {
    AtomicReference<String> operation = new AtomicReference<>("");
    List<Boolean> over = new CopyOnWriteArrayList<>();
    Store store = lab.etcd().store();
    ForwardingStore watched =
        new ForwardingStore(store) {
          @Override
          protected void afterWrite(long revision) {
            if (!operation.get().isEmpty() && store.get(Keys.image("app")).isEmpty()) {
              over.add(
                  store
                      .get(Keys.operation(operation.get()))
                      .orElseThrow()
                      .value()
                      .getOperation()
                      .getDone());
            }
          }
        };
    lab.startReconciler(CoordinatorLab.HASTY, watched, Telemetry.NONE);
    lab.buildApp();
    operation.set(
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("app").build()).getId());
    CoordinatorLab.eventually("gone", () -> lab.operation(operation.get()).getDone());
    CoordinatorLab.eventually("seen", () -> !over.isEmpty());
    assertThat(over).doesNotContain(false);
    assertThat(lab.operation(operation.get()).hasFailure()).isFalse();
  }

  @Test
  void aBuildOutlivesTwoShortTroublesThatLieFarApart() throws InterruptedException {
    host.refuse("CreateVolume", Status.Code.UNAVAILABLE, "PEER_UNREACHABLE", 1);
    host.refuse("LoadSource", Status.Code.UNAVAILABLE, "PEER_UNREACHABLE", 1);
    host.hold("LoadSource");
    lab.startReconciler(IMPATIENT);
    Operation operation = lab.build("app");
    CoordinatorLab.eventually("loads", () -> !host.heldIn("LoadSource").isEmpty());
    Thread.sleep(IMPATIENT.createPatience().multipliedBy(2));
    host.release("LoadSource");
    CoordinatorLab.eventually("built", () -> lab.operation(operation.getId()).getDone());
    assertThat(lab.operation(operation.getId()).getFailure())
        .isEqualTo(Failure.getDefaultInstance());
    assertThat(revision(1).getState()).isEqualTo(Revision.State.READY);
  }
}
