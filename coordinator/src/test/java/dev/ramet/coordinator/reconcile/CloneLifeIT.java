package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteSaveRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.PromoteSaveRequest;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.RestartCloneRequest;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Save;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a clone after it was READY: on hosts in memory, with a real etcd. */
class CloneLifeIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final int STEPS_OF_A_STOP = 2;
  private static final int STEPS_OF_A_RESET = 10;
  private static final int STEPS_OF_A_SAVE = 2;
  private static final int STEPS_OF_A_PROMOTION = 8;

  private CoordinatorLab lab;
  private FakeAgent host;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
    lab.startReconciler();
    lab.buildApp();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private Clone ready(String name) {
    lab.create(name);
    lab.awaitState(name, Clone.State.READY);
    return now(name);
  }

  private Clone now(String name) {
    return lab.find(name).orElseThrow();
  }

  private void awaitDone(String name, Clone.State state) {
    CoordinatorLab.eventually(
        "clone %s is %s, and nothing more is done".formatted(name, state),
        () ->
            lab.find(name)
                .map(clone -> clone.getState() == state && !clone.getReconciling())
                .orElse(false));
  }

  private Clone stop(String name) {
    return lab.clones().stopClone(StopCloneRequest.newBuilder().setName(name).build());
  }

  private Clone start(String name) {
    return lab.clones().startClone(StartCloneRequest.newBuilder().setName(name).build());
  }

  private Clone reset(String name, String to) {
    return lab.clones().resetClone(ResetCloneRequest.newBuilder().setName(name).setTo(to).build());
  }

  private Save save(String clone, String name) {
    return lab.clones()
        .createSave(CreateSaveRequest.newBuilder().setClone(clone).setName(name).build());
  }

  private void delete(String name) {
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(name).build());
    lab.awaitGone(name);
  }

  private void changeLeaderAfterCut(int call) {
    CoordinatorLab.eventually("cut at call " + call, () -> host.cutCalls() > 0);
    lab.stopReconciler();
    host.heal();
    lab.startReconciler();
  }

  @Test
  void aStoppedCloneKeepsItsDataAndItsAddress() {
    Clone before = ready("c");
    assertThat(stop("c").getState()).isEqualTo(Clone.State.STOPPED);
    awaitDone("c", Clone.State.STOPPED);
    assertThat(host.instances()).isEmpty();
    assertThat(host.volumes()).hasSize(1);
    assertThat(lab.ports()).isOne();
    assertThat(stop("c").getReconciling()).as("a second stop changes nothing").isFalse();
    start("c");
    awaitDone("c", Clone.State.READY);
    assertThat(now("c").getUrl()).isEqualTo(before.getUrl());
    assertThat(host.port("c." + before.getUid())).isEqualTo(before.getEndpoint().getPort());
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aStopCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    ready("c");
    for (int call = 0; call < STEPS_OF_A_STOP; call++) {
      host.cutFrom(call, cut);
      stop("c");
      changeLeaderAfterCut(call);
      awaitDone("c", Clone.State.STOPPED);
      assertThat(host.instances()).as("cut at call %d", call).isEmpty();
      start("c");
      awaitDone("c", Clone.State.READY);
    }
  }

  @Test
  void aRestartEndsWithTheCloneReady() {
    Clone before = ready("c");
    int calls = host.calls().size();
    var unused = lab.clones().restartClone(RestartCloneRequest.newBuilder().setName("c").build());
    awaitDone("c", Clone.State.READY);
    assertThat(host.calls().subList(calls, host.calls().size()))
        .containsSubsequence(
            "DeleteInstance c." + before.getUid(), "StartInstance c." + before.getUid());
  }

  @Test
  void aResetGivesOtherDataAtTheSameAddressAndLeavesNothingOfTheOld() {
    Clone before = ready("c");
    assertThat(reset("c", "").getState()).isEqualTo(Clone.State.RESETTING);
    awaitDone("c", Clone.State.READY);
    String second = "c." + before.getUid() + ".r2";
    CoordinatorLab.eventually(
        "the old data are gone", () -> host.volumes().equals(List.of(second)));
    assertThat(host.instances()).containsExactly(second);
    assertThat(host.port(second)).isEqualTo(before.getEndpoint().getPort());
    Clone after = now("c");
    assertThat(after.getUrl()).isEqualTo(before.getUrl());
    assertThat(after.getLastReset().hasFailure()).isFalse();
    assertThat(after.getLastReset().getTimingsList())
        .extracting(step -> step.getName())
        .contains("clone-volume", "attach", "check", "stop", "start");
    delete("c");
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aResetCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    for (int call = 0; call < STEPS_OF_A_RESET; call++) {
      Clone before = ready("c");
      host.cutFrom(call, cut);
      reset("c", "");
      changeLeaderAfterCut(call);
      awaitDone("c", Clone.State.READY);
      String second = "c." + before.getUid() + ".r2";
      CoordinatorLab.eventually(
          "cut at call %d: only the new data are there".formatted(call),
          () -> host.volumes().equals(List.of(second)) && host.instances().equals(List.of(second)));
      assertThat(host.port(second)).isEqualTo(before.getEndpoint().getPort());
      delete("c");
      assertThat(host.isEmpty()).as("cut at call %d", call).isTrue();
    }
  }

  /** Whatever refuses for good: the clone is what it was, up, and the reason is told. */
  @Test
  void aResetThatFailsLeavesTheCloneAsItWas() {
    Clone before = ready("c");
    String old = "c." + before.getUid();
    for (String refused :
        List.of(
            "CloneVolume " + old + ".r",
            "AttachVolume " + old + ".r",
            "StartInstance " + old + ".r")) {
      int number = 2;
      host.refuse(refused + number, Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", 1);
      reset("c", "");
      awaitDone("c", Clone.State.READY);
      assertThat(now("c").getLastReset().getFailure().getCode()).as(refused).isEqualTo("POOL_FULL");
      CoordinatorLab.eventually(
          refused + ": what was made of the new data is gone",
          () -> host.volumes().equals(List.of(old)));
      assertThat(host.instances()).as(refused).containsExactly(old);
      assertThat(host.port(old)).as(refused).isEqualTo(before.getEndpoint().getPort());
      assertThat(now("c").getUrl()).isEqualTo(before.getUrl());
    }
  }

  @Test
  void twoResetsAtOnceHaveOneWinner() {
    ready("c");
    host.hold("StartInstance");
    try {
      reset("c", "");
      CloneActions.refusedWith(() -> reset("c", "latest"), "CONCURRENT_CHANGE");
    } finally {
      host.release("StartInstance");
    }
    awaitDone("c", Clone.State.READY);
  }

  @Test
  void aSaveIsRestoredBranchedAndNamedWhereItIsNeeded() {
    Clone origin = ready("c");
    Save first = save("c", "first");
    assertThat(first.getParent()).isEqualTo("app:1");
    CloneActions.refusedWith(() -> save("c", "first"), "SAVE_EXISTS");
    Save second = save("c", "second");
    assertThat(second.getParent()).isEqualTo("c@first");
    assertThat(host.snapshots()).hasSize(3);

    reset("c", "c@first");
    awaitDone("c", Clone.State.READY);
    assertThat(now("c").getOrigin()).isEqualTo("c@first");
    assertThat(now("c").getUrl()).isEqualTo(origin.getUrl());

    branch("b", "c@first");
    assertThat(now("b").getImage()).isEqualTo("app");
    CloneActions.refusedWith(() -> deleteSave("c", "first"), "SAVE_HAS_BRANCHES");
    CloneActions.refusedWith(() -> delete("c"), "CLONE_HAS_BRANCHES");
    Save shown =
        lab.clones().listSaves(ListSavesRequest.newBuilder().setClone("c").build()).getSaves(0);
    assertThat(shown.getBranchesList()).containsExactly("b");

    deleteSave("c", "second");
    assertThat(host.snapshots()).hasSize(2);
    deleteSave("c", "second"); // what is missing is done
    delete("b");
    delete("c");
    assertThat(host.snapshots()).as("the saves go with their clone").hasSize(1);
    assertThat(host.volumes()).isEmpty();
  }

  private void branch(String name, String from) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setFrom(from))
                    .build());
    lab.awaitState(name, Clone.State.READY);
  }

  private void deleteSave(String clone, String name) {
    var unused =
        lab.clones()
            .deleteSave(DeleteSaveRequest.newBuilder().setClone(clone).setName(name).build());
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aSaveCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) throws InterruptedException {
    ready("c");
    for (int call = 0; call < STEPS_OF_A_SAVE; call++) {
      String name = "s" + call;
      host.cutFrom(call, cut);
      Thread asking = Thread.startVirtualThread(() -> save("c", name));
      changeLeaderAfterCut(call);
      asking.join(java.time.Duration.ofSeconds(30));
      assertThat(asking.isAlive()).isFalse();
      assertThat(host.snapshots()).as("cut at call %d", call).hasSize(2 + call);
    }
    delete("c");
    assertThat(host.snapshots()).hasSize(1);
  }

  @Test
  void aSaveThatCannotBeKeptIsToldAndCanBeRepeated() {
    ready("c");
    host.refuse("CreateSnapshot", Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", 1);
    CloneActions.refusedWith(() -> save("c", "s"), "SAVE_FAILED");
    assertThat(save("c", "s").getName()).isEqualTo("s");
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aPromotionCutAtAnyCallBecomesARevision(Cut cut) {
    ready("c");
    var unused = save("c", "s");
    for (int call = 0; call < STEPS_OF_A_PROMOTION; call++) {
      host.cutFrom(call, cut);
      Operation operation =
          lab.images()
              .promoteSave(PromoteSaveRequest.newBuilder().setSave("c@s").setName("app").build());
      changeLeaderAfterCut(call);
      CoordinatorLab.eventually("built", () -> lab.operation(operation.getId()).getDone());
      assertThat(lab.operation(operation.getId()).hasFailure()).as("call %d", call).isFalse();
      Revision made =
          lab.images().getRevision(GetRevisionRequest.newBuilder().setImage("app").build());
      assertThat(made.getNumber()).isEqualTo(2 + call);
      assertThat(made.getState()).isEqualTo(Revision.State.READY);
      assertThat(made.getDatabase()).isEqualTo("app");
      assertThat(host.volumes()).as("call %d: only the clone's volume is there", call).hasSize(1);
      assertThat(host.instances()).hasSize(1);
    }
    reset("c", "latest");
    awaitDone("c", Clone.State.READY);
    assertThat(now("c").getRevision()).isEqualTo(1 + STEPS_OF_A_PROMOTION);
  }

  private void createFor(String name, Lifetime lifetime) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setImage("app"))
                    .setLifetime(lifetime)
                    .build());
  }

  private static Duration millis(long millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1000)
        .setNanos((int) (millis % 1000) * 1_000_000)
        .build();
  }

  @Test
  void aCloneWhoseTimeIsOverGoesAfterAWarning() {
    createFor("c", Lifetime.newBuilder().setTtl(millis(6000)).build());
    lab.awaitState("c", Clone.State.READY);
    assertThat(now("c").hasExpireTime()).isTrue();
    CoordinatorLab.eventually(
        "it is warned of",
        () ->
            lab.find("c").stream()
                .flatMap(clone -> clone.getWarningsList().stream())
                .anyMatch(warning -> warning.getCode().equals("EXPIRES_SOON")));
    lab.awaitGone("c");
    assertThat(host.isEmpty()).isTrue();
  }

  @Test
  void aCloneThatExpiredWhileNobodyLedGoesWhenSomebodyDoes() {
    createFor("c", Lifetime.newBuilder().setTtl(millis(2500)).build());
    lab.awaitState("c", Clone.State.READY);
    lab.stopReconciler();
    CoordinatorLab.eventually(
        "its time is over",
        () -> now("c").getExpireTime().getSeconds() < System.currentTimeMillis() / 1000 - 1);
    assertThat(now("c").getState()).isEqualTo(Clone.State.READY);
    lab.startReconciler();
    lab.awaitGone("c");
  }

  @Test
  void aCloneThatIsUsedDoesNotExpireAndOneThatIsNotDoes() {
    createFor("used", Lifetime.newBuilder().setIdleTtl(millis(3000)).build());
    createFor("idle", Lifetime.newBuilder().setIdleTtl(millis(3000)).build());
    lab.awaitState("used", Clone.State.READY);
    lab.awaitState("idle", Clone.State.READY);
    String id = "used." + now("used").getUid();
    long[] use = {0};
    CoordinatorLab.eventually(
        "the idle one is gone",
        () -> {
          host.setActivity(id, Activity.newBuilder().setUse(++use[0]).build());
          return lab.find("idle").isEmpty();
        });
    assertThat(now("used").getState()).isEqualTo(Clone.State.READY);
  }

  @Test
  void aProtectedCloneIsNeitherDeletedNorStoppedNorResetNorExpires() {
    createFor("c", Lifetime.newBuilder().setTtl(millis(500)).setProtect(millis(60_000)).build());
    lab.awaitState("c", Clone.State.READY);
    CloneActions.refusedWith(() -> delete("c"), "CLONE_PROTECTED");
    CloneActions.refusedWith(() -> stop("c"), "CLONE_PROTECTED");
    CloneActions.refusedWith(() -> reset("c", ""), "CLONE_PROTECTED");
    var unused = lab.clones().protectClone(ProtectCloneRequest.newBuilder().setName("c").build());
    lab.awaitGone("c"); // its time was over long ago
  }

  @Test
  void aCloneInUseIsDeletedOnlyByForce() {
    Clone clone = ready("c");
    host.setActivity("c." + clone.getUid(), CloneActions.used("app", "psql"));
    CloneActions.refusedWith(() -> delete("c"), "CLONE_IN_USE");
    var unused =
        lab.clones()
            .deleteClone(DeleteCloneRequest.newBuilder().setName("c").setForce(true).build());
    lab.awaitGone("c");
  }
}
