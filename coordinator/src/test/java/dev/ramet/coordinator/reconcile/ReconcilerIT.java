package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.coordinator.testing.ForwardingStore;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How clones are made, kept up and removed: on hosts in memory, with a real etcd. */
@Timeout(120)
class ReconcilerIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final int STEPS_OF_A_CREATE = 3;
  private static final int STEPS_OF_A_DELETE = 3;

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

  private void delete(String name) {
    assertThat(
            lab.clones()
                .deleteClone(DeleteCloneRequest.newBuilder().setName(name).build())
                .getState())
        .isEqualTo(Clone.State.DELETING);
  }

  @Test
  void aCloneIsMadeAndRemovedWithoutTrace() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    Clone clone = lab.find("c").orElseThrow();
    assertThat(clone.getUrl()).startsWith("postgres://ramet:").endsWith("/app");
    assertThat(clone.getTimingsList())
        .extracting(step -> step.getName())
        .contains("place", "record", "clone-volume", "attach", "start");
    assertThat(host.instances()).containsExactly("c." + clone.getUid());
    delete("c");
    lab.awaitGone("c");
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  /**
   * Cut at each call in turn, then another leader goes on: the clone is READY, once, and goes
   * without trace.
   */
  @ParameterizedTest
  @EnumSource(Cut.class)
  void aCreateCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    lab.startReconciler();
    lab.buildApp();
    for (int call = 0; call < STEPS_OF_A_CREATE; call++) {
      String name = "c" + call;
      host.cutFrom(call, cut);
      lab.create(name);
      CoordinatorLab.eventually("cut at call " + call, () -> host.cutCalls() > 0);
      lab.stopReconciler();
      host.heal();
      lab.startReconciler();
      lab.awaitState(name, Clone.State.READY);
      assertThat(host.volumes()).as("cut at call %d", call).hasSize(1);
      assertThat(host.instances()).as("cut at call %d", call).hasSize(1);
      delete(name);
      lab.awaitGone(name);
      assertThat(host.isEmpty()).as("cut at call %d", call).isTrue();
    }
    assertThat(lab.ports()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aDeleteCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    lab.startReconciler();
    lab.buildApp();
    for (int call = 0; call < STEPS_OF_A_DELETE; call++) {
      String name = "c" + call;
      lab.create(name);
      lab.awaitState(name, Clone.State.READY);
      host.cutFrom(call, cut);
      delete(name);
      CoordinatorLab.eventually("cut at call " + call, () -> host.cutCalls() > 0);
      lab.stopReconciler();
      host.heal();
      lab.startReconciler();
      lab.awaitGone(name);
      assertThat(host.isEmpty()).as("cut at call %d", call).isTrue();
    }
    assertThat(lab.ports()).isZero();
  }

  /** Fail each step in turn for good: FAILED with the reason, and a clean slate. */
  @Test
  void aCreateRefusedAtAnyStepLeavesNothingBehind() {
    lab.startReconciler();
    lab.buildApp();
    for (String verb : new String[] {"CloneVolume", "AttachVolume", "StartInstance"}) {
      String name = "c-" + verb.toLowerCase(Locale.ROOT);
      host.refuse(verb, Status.Code.INTERNAL);
      lab.create(name);
      lab.awaitState(name, Clone.State.FAILED);
      assertThat(lab.find(name).orElseThrow().getFailure().getCode()).isEqualTo("REFUSED");
      assertThat(host.isEmpty()).as(verb).isTrue();
      assertThat(lab.ports()).as("the port is free again").isZero();
      host.heal();
      delete(name);
      lab.awaitGone(name);
    }
  }

  @Test
  void aDeadInstanceIsStartedAgainAtTheSamePort() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    Clone before = lab.find("c").orElseThrow();
    host.killInstance("c." + before.getUid());
    CoordinatorLab.eventually(
        "started again",
        () -> host.calls().stream().filter(call -> call.startsWith("StartInstance")).count() == 2);
    lab.awaitState("c", Clone.State.READY);
    assertThat(lab.find("c").orElseThrow().getEndpoint()).isEqualTo(before.getEndpoint());
    host.reboot();
    CoordinatorLab.eventually("runs after a reboot", () -> host.instances().size() == 1);
    lab.awaitState("c", Clone.State.READY);
  }

  @Test
  void whatRanOnAHostThatWasAwayForAMomentIsLookedAtAtOnce() {
    lab.startReconciler(CoordinatorLab.RARELY);
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    host.reboot();
    lab.report(host);
    CoordinatorLab.eventually("it runs again", () -> host.instances().size() == 1);
  }

  @Test
  void aCloneThatCannotBeStartedAgainFailsAndKeepsItsData() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    String id = "c." + lab.find("c").orElseThrow().getUid();
    host.refuse("StartInstance", Status.Code.INTERNAL);
    host.killInstance(id);
    lab.awaitState("c", Clone.State.FAILED);
    assertThat(host.volumes()).containsExactly(id);
    assertThat(lab.ports()).isOne();
    assertThat(lab.find("c").orElseThrow().getFailure().getCode()).isEqualTo("REFUSED");
  }

  @Test
  void aCloneThatFailedAfterItWasReadyComesBackWhenTheReasonIsOver() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    Clone before = lab.find("c").orElseThrow();
    host.takePorts(before.getEndpoint().getPort(), before.getEndpoint().getPort());
    host.killInstance("c." + before.getUid());
    lab.awaitState("c", Clone.State.FAILED);
    assertThat(lab.find("c").orElseThrow().getFailure().getCode()).isEqualTo("PORT_TAKEN");
    lab.stopReconciler();
    lab.startReconciler();
    host.freePorts();
    lab.awaitState("c", Clone.State.READY);
    Clone after = lab.find("c").orElseThrow();
    assertThat(after.hasFailure()).isFalse();
    assertThat(after.getEndpoint()).isEqualTo(before.getEndpoint());
    assertThat(host.volumes()).containsExactly("c." + before.getUid());
  }

  @Test
  void aVolumeThatBecameReadOnlyIsMountedAnew() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    String id = "c." + lab.find("c").orElseThrow().getUid();
    assertThat(host.recovered()).isEmpty();
    host.killReadOnly(id);
    CoordinatorLab.eventually("started again", () -> host.isRunning(id));
    lab.awaitState("c", Clone.State.READY);
    assertThat(host.calls())
        .endsWith("DetachVolume " + id, "AttachVolume " + id, "StartInstance " + id);
    assertThat(host.recovered()).containsExactly(id);
  }

  @Test
  void aCloneWhoseHostWasAwayIsNotGivenUpAfterOneRefusal() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    String id = "c." + lab.find("c").orElseThrow().getUid();
    host.cutFrom(0, Cut.BEFORE_EFFECT);
    host.killInstance(id);
    CoordinatorLab.eventually(
        "more attempts than may be refused",
        () -> host.cutCalls() > CoordinatorLab.HASTY.recoveryAttempts());
    host.refuse("StartInstance", Status.Code.INTERNAL, "REFUSED", 1);
    host.uncut();
    CoordinatorLab.eventually("started again", () -> host.isRunning(id));
    lab.awaitState("c", Clone.State.READY);
  }

  @Test
  void aVolumeThatIsLostIsNeverMadeAnewBehindTheUsersBack() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    String id = "c." + lab.find("c").orElseThrow().getUid();
    host.loseVolume(id);
    lab.awaitState("c", Clone.State.FAILED);
    assertThat(lab.find("c").orElseThrow().getFailure().getCode()).isEqualTo("DATA_LOST");
    assertThat(host.volumes()).isEmpty();
    host.putVolume(id);
    lab.awaitState("c", Clone.State.READY);
    assertThat(host.isRunning(id)).isTrue();
  }

  @Test
  void aCreateOnALostHostFailsAndWhatIsLeftIsRemovedWhenItComesBack() {
    lab.startReconciler();
    lab.buildApp();
    host.cutFrom(1, Cut.AFTER_EFFECT);
    lab.create("c");
    CoordinatorLab.eventually("cut", () -> host.cutCalls() > 0);
    lab.lose(host);
    lab.awaitState("c", Clone.State.FAILED);
    assertThat(lab.find("c").orElseThrow().getFailure().getCode()).isEqualTo("HOST_LOST");
    assertThat(lab.find("c").orElseThrow().getFailure().getRetryable()).isTrue();
    assertThat(host.volumes()).isNotEmpty();
    host.heal();
    lab.report(host);
    CoordinatorLab.eventually("left-overs are removed", host::isEmpty);
    CoordinatorLab.eventually("the port is free", () -> lab.ports() == 0);
  }

  @Test
  void whatNoRecordWantsIsRemovedAfterTheGraceAndNothingElse() {
    lab.startReconciler();
    lab.buildApp();
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    host.putVolume("ghost.abcd0123");
    host.putSnapshot("ghost.3.abcd0123");
    host.putSnapshot("somebody-elses-backup");
    CoordinatorLab.eventually("ghost is gone", () -> !host.volumes().contains("ghost.abcd0123"));
    CoordinatorLab.eventually(
        "ghost is gone", () -> !host.snapshots().contains("ghost.3.abcd0123"));
    assertThat(host.snapshots()).contains("somebody-elses-backup").hasSize(2);
    assertThat(host.instances()).hasSize(1);
    assertThat(lab.find("c").orElseThrow().getState()).isEqualTo(Clone.State.READY);
  }

  /** Its volume may be in a pool that is not there just now. */
  @Test
  void anOrphanThatIsOnlySeenAsAnInstanceGoesWithoutItsVolume() {
    lab.startReconciler();
    String id = "ghost.3.abcd0123.build";
    host.killInstance(id);
    CoordinatorLab.eventually("it is gone", host::isEmpty);
    assertThat(host.calls()).containsExactly("DeleteInstance " + id);
  }

  @Test
  void anOrphanThatCannotBeRemovedDoesNotKeepTheOthers() {
    lab.startReconciler();
    host.putVolume("stuck.abcd0123");
    host.refuse("DeleteVolume stuck.abcd0123", Status.Code.INTERNAL, "DEVICE", Integer.MAX_VALUE);
    for (int i = 0; i < 8; i++) {
      host.putVolume("ghost%d.abcd0123".formatted(i));
    }
    CoordinatorLab.eventually("the others are gone", () -> host.volumes().size() == 1);
    assertThat(host.volumes()).containsExactly("stuck.abcd0123");
    host.heal();
    CoordinatorLab.eventually("it goes when it can", host::isEmpty);
  }

  @Test
  void whatAPoolCannotMakeSenseOfIsReportedAndLeftAlone() {
    Recorder recorder = new Recorder();
    lab.startReconciler(CoordinatorLab.HASTY, lab.etcd().store(), recorder);
    host.putLeftover("half-written.tmp");
    CoordinatorLab.eventually("reported", () -> recorder.leftovers.getOrDefault("host-a", 0) == 1);
    assertThat(host.calls()).isEmpty();
  }

  @Test
  void anAgentThatSawALaterLeaderIsTriedUntilItsFenceIsRemoved() {
    lab.startReconciler();
    lab.buildApp();
    host.setGreatestFence(Long.MAX_VALUE);
    lab.create("c");
    CoordinatorLab.eventually("turned away", () -> host.turnedAway() > 1);
    assertThat(lab.find("c").orElseThrow().getState()).isNotEqualTo(Clone.State.FAILED);
    host.setGreatestFence(0);
    lab.awaitState("c", Clone.State.READY);
  }

  @Test
  void whatWasWrittenHereIsNoNewsEvenWhereTheAnswerComesAfterTheEvent() {
    lab.startReconciler();
    lab.buildApp();
    lab.stopReconciler();
    ForwardingStore slow =
        new ForwardingStore(lab.etcd().store()) {
          @Override
          protected void afterWrite(long revision) {
            try {
              assertThat(lab.etcd().informer().await(revision, Duration.ofSeconds(5))).isTrue();
              Thread.sleep(200); // for the listeners
            } catch (InterruptedException over) {
              Thread.currentThread().interrupt();
            }
          }
        };
    Recorder recorder = new Recorder();
    lab.startReconciler(CoordinatorLab.RARELY, slow, recorder);
    CoordinatorLab.eventually("leads", () -> recorder.looks.getOrDefault("host", 0) > 0);
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    CoordinatorLab.eventually("looked at", () -> recorder.looks.getOrDefault("clone", 0) > 0);
    assertThat(recorder.looks).containsEntry("clone", 1);
    assertThat(host.calls().stream().filter(call -> call.startsWith("StartInstance"))).hasSize(1);
  }

  @Test
  void whatAnUnreadableRecordMayWantIsLeftAlone() throws InterruptedException {
    lab.startReconciler();
    etcd.put("/ramet/v1/clones/hidden", new byte[] {(byte) 0xff, 1, 2});
    host.putVolume("hidden.abcd0123");
    Thread.sleep(2000);
    assertThat(host.volumes()).containsExactly("hidden.abcd0123");
  }

  @Test
  void aPortThatWasTakenMeanwhileIsExchangedForAnother() {
    lab.startReconciler();
    lab.buildApp();
    lab.stopReconciler();
    lab.create("c");
    int chosen =
        lab.etcd()
            .informer()
            .view()
            .get(Keys.clone("c"))
            .orElseThrow()
            .value()
            .getAssignment()
            .getPort();
    host.takePorts(chosen, chosen);
    lab.startReconciler();
    lab.awaitState("c", Clone.State.READY);
    assertThat(lab.find("c").orElseThrow().getEndpoint().getPort()).isNotEqualTo(chosen);
    assertThat(lab.ports()).isOne();
    delete("c");
    lab.awaitGone("c");
    assertThat(lab.ports()).isZero();
  }

  @Test
  void aPortThatTheUserAskedForIsNotExchanged() {
    lab.startReconciler();
    lab.buildApp();
    host.takePorts(15050, 15050);
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName("c")
                    .setSpec(CloneSpec.newBuilder().setImage("app").setPort(15050))
                    .build());
    lab.awaitState("c", Clone.State.FAILED);
    assertThat(lab.find("c").orElseThrow().getFailure().getCode()).isEqualTo("PORT_TAKEN");
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  @Test
  void manyClonesAtOnceAreSpreadAndAllReady() {
    FakeAgent other = lab.host("host-b");
    lab.startReconciler();
    lab.buildApp();
    for (int i = 0; i < 20; i++) {
      lab.create("c" + i);
    }
    for (int i = 0; i < 20; i++) {
      lab.awaitState("c" + i, Clone.State.READY);
    }
    assertThat(host.instances()).hasSize(10);
    assertThat(other.instances()).hasSize(10);
    assertThat(lab.ports()).isEqualTo(20);
  }
}
