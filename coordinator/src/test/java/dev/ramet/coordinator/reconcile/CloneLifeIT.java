package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Save;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a clone after it was READY: on hosts in memory, with a real etcd. */
class CloneLifeIT extends AppOnOneHost {
  private static final int STEPS_OF_A_STOP = 2;
  private static final int STEPS_OF_A_RESET = 10;
  private static final int STEPS_OF_A_SAVE = 2;
  private static final int STEPS_OF_A_PROMOTION = 8;

  @Test
  void aStoppedCloneKeepsItsDataAndItsAddress() {
    Clone before = user.ready("c");
    assertThat(user.stop("c").getState()).isEqualTo(Clone.State.STOPPED);
    user.awaitDone("c", Clone.State.STOPPED);
    assertThat(host.instances()).isEmpty();
    assertThat(host.volumes()).hasSize(1);
    assertThat(lab.ports()).isOne();
    assertThat(user.stop("c").getReconciling()).as("a second stop changes nothing").isFalse();
    user.start("c");
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getUrl()).isEqualTo(before.getUrl());
    assertThat(host.port("c." + before.getUid())).isEqualTo(before.getEndpoint().getPort());
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aStopCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    user.ready("c");
    for (int call = 0; call < STEPS_OF_A_STOP; call++) {
      host.cutFrom(call, cut);
      user.stop("c");
      changeLeaderAfterCut(call);
      user.awaitDone("c", Clone.State.STOPPED);
      assertThat(host.instances()).as("cut at call %d", call).isEmpty();
      user.start("c");
      user.awaitDone("c", Clone.State.READY);
    }
  }

  @Test
  void aRestartEndsWithTheCloneReady() {
    Clone before = user.ready("c");
    int calls = host.calls().size();
    user.restart("c");
    user.awaitDone("c", Clone.State.READY);
    assertThat(host.calls().subList(calls, host.calls().size()))
        .containsSubsequence(
            "DeleteInstance c." + before.getUid(), "StartInstance c." + before.getUid());
  }

  @Test
  void aResetGivesOtherDataAtTheSameAddressAndLeavesNothingOfTheOld() {
    Clone before = user.ready("c");
    assertThat(user.reset("c", "").getState()).isEqualTo(Clone.State.RESETTING);
    user.awaitDone("c", Clone.State.READY);
    String second = "c." + before.getUid() + ".r2";
    CoordinatorLab.eventually(
        "the old data are gone", () -> host.volumes().equals(List.of(second)));
    assertThat(host.instances()).containsExactly(second);
    assertThat(host.port(second)).isEqualTo(before.getEndpoint().getPort());
    Clone after = user.now("c");
    assertThat(after.getUrl()).isEqualTo(before.getUrl());
    assertThat(after.getLastReset().hasFailure()).isFalse();
    assertThat(after.getLastReset().getTimingsList())
        .extracting(step -> step.getName())
        .contains("clone-volume", "attach", "check", "stop", "start");
    user.delete("c");
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aResetCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) {
    for (int call = 0; call < STEPS_OF_A_RESET; call++) {
      Clone before = user.ready("c");
      host.cutFrom(call, cut);
      user.reset("c", "");
      changeLeaderAfterCut(call);
      user.awaitDone("c", Clone.State.READY);
      String second = "c." + before.getUid() + ".r2";
      CoordinatorLab.eventually(
          "cut at call %d: only the new data are there".formatted(call),
          () -> host.volumes().equals(List.of(second)) && host.instances().equals(List.of(second)));
      assertThat(host.port(second)).isEqualTo(before.getEndpoint().getPort());
      user.delete("c");
      assertThat(host.isEmpty()).as("cut at call %d", call).isTrue();
    }
  }

  /** Both servers end side by side: one whose end fails does not hide in the other's. */
  @Test
  void aResetOfWhichOneServerDoesNotEndIsRepeated() {
    Clone before = user.ready("c");
    String present = "c." + before.getUid();
    for (boolean newOne : List.of(true, false)) {
      host.hold("StartInstance");
      user.reset("c", "");
      CoordinatorLab.eventually("it is checked", () -> !host.heldIn("StartInstance").isEmpty());
      String checked = host.heldIn("StartInstance").iterator().next();
      String end = "DeleteInstance " + (newOne ? checked : present);
      host.refuse(end, Status.Code.UNAVAILABLE, "PEER_UNREACHABLE", 1);
      long ends = host.calls().stream().filter(end::equals).count();
      host.release("StartInstance");
      user.awaitDone("c", Clone.State.READY);
      assertThat(user.now("c").getLastReset().hasFailure()).as(end).isFalse();
      assertThat(host.calls().stream().filter(end::equals).count())
          .as("refused, and asked for again")
          .isGreaterThan(ends + 1);
      CoordinatorLab.eventually(
          "only the new data are there",
          () -> host.volumes().equals(List.of(checked)) && host.isRunning(checked));
      assertThat(host.port(checked)).isEqualTo(before.getEndpoint().getPort());
      present = checked;
    }
  }

  /** Whatever refuses for good: the clone is what it was, up, and the reason is told. */
  @Test
  void aResetThatFailsLeavesTheCloneAsItWas() {
    Clone before = user.ready("c");
    String old = "c." + before.getUid();
    for (String refused :
        List.of(
            "CloneVolume " + old + ".r",
            "AttachVolume " + old + ".r",
            "StartInstance " + old + ".r")) {
      int number = 2;
      host.refuse(refused + number, Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", 1);
      user.reset("c", "");
      user.awaitDone("c", Clone.State.READY);
      assertThat(user.now("c").getLastReset().getFailure().getCode())
          .as(refused)
          .isEqualTo("POOL_FULL");
      CoordinatorLab.eventually(
          refused + ": what was made of the new data is gone",
          () -> host.volumes().equals(List.of(old)));
      assertThat(host.instances()).as(refused).containsExactly(old);
      assertThat(host.port(old)).as(refused).isEqualTo(before.getEndpoint().getPort());
      assertThat(user.now("c").getUrl()).isEqualTo(before.getUrl());
    }
  }

  @Test
  void twoResetsAtOnceHaveOneWinner() {
    user.ready("c");
    host.hold("StartInstance");
    try {
      user.reset("c", "");
      CloneActions.refusedWith(() -> user.reset("c", "latest"), "CONCURRENT_CHANGE");
    } finally {
      host.release("StartInstance");
    }
    user.awaitDone("c", Clone.State.READY);
  }

  @Test
  void aSaveIsRestoredBranchedAndNamedWhereItIsNeeded() {
    Clone origin = user.ready("c");
    Save first = user.save("c", "first");
    assertThat(first.getParent()).isEqualTo("app:1");
    CloneActions.refusedWith(() -> user.save("c", "first"), "SAVE_EXISTS");
    Save second = user.save("c", "second");
    assertThat(second.getParent()).isEqualTo("c@first");
    assertThat(host.snapshots()).hasSize(3);

    user.reset("c", "c@first");
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getOrigin()).isEqualTo("c@first");
    assertThat(user.now("c").getUrl()).isEqualTo(origin.getUrl());

    user.branch("b", "c@first");
    assertThat(user.now("b").getImage()).isEqualTo("app");
    CloneActions.refusedWith(() -> user.deleteSave("c", "first"), "SAVE_HAS_BRANCHES");
    CloneActions.refusedWith(() -> user.delete("c"), "CLONE_HAS_BRANCHES");
    Save shown =
        lab.clones().listSaves(ListSavesRequest.newBuilder().setClone("c").build()).getSaves(0);
    assertThat(shown.getBranchesList()).containsExactly("b");

    assertThat(user.deleteSave("c", "second")).isTrue();
    assertThat(host.snapshots()).hasSize(2);
    assertThat(user.deleteSave("c", "second")).as("what is missing is done, and said").isFalse();
    user.delete("b");
    user.delete("c");
    assertThat(host.snapshots()).as("the saves go with their clone").hasSize(1);
    assertThat(host.volumes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aSaveCutAtAnyCallIsFinishedByTheNextLeader(Cut cut) throws InterruptedException {
    user.ready("c");
    for (int call = 0; call < STEPS_OF_A_SAVE; call++) {
      String name = "s" + call;
      host.cutFrom(call, cut);
      Thread asking = Thread.startVirtualThread(() -> user.save("c", name));
      changeLeaderAfterCut(call);
      asking.join(Duration.ofSeconds(30));
      assertThat(asking.isAlive()).isFalse();
      assertThat(host.snapshots()).as("cut at call %d", call).hasSize(2 + call);
    }
    user.delete("c");
    assertThat(host.snapshots()).hasSize(1);
  }

  @Test
  void aSaveThatCannotBeKeptIsToldAndCanBeRepeated() {
    user.ready("c");
    host.refuse("CreateSnapshot", Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", 1);
    CloneActions.refusedWith(() -> user.save("c", "s"), "SAVE_FAILED");
    assertThat(user.save("c", "s").getName()).isEqualTo("s");
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aPromotionCutAtAnyCallBecomesARevision(Cut cut) {
    user.ready("c");
    var unused = user.save("c", "s");
    for (int call = 0; call < STEPS_OF_A_PROMOTION; call++) {
      host.cutFrom(call, cut);
      Operation operation = user.promote("c@s", "app");
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
    user.reset("c", "latest");
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getRevision()).isEqualTo(1 + STEPS_OF_A_PROMOTION);
  }

  @Test
  void aCloneWhoseTimeIsOverGoesAfterAWarning() {
    user.createFor("c", Lifetime.newBuilder().setTtl(CloneUser.millis(6000)).build());
    lab.awaitState("c", Clone.State.READY);
    assertThat(user.now("c").hasExpireTime()).isTrue();
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
    user.createFor("c", Lifetime.newBuilder().setTtl(CloneUser.millis(2500)).build());
    lab.awaitState("c", Clone.State.READY);
    lab.stopReconciler();
    CoordinatorLab.eventually(
        "its time is over",
        () -> user.now("c").getExpireTime().getSeconds() < System.currentTimeMillis() / 1000 - 1);
    assertThat(user.now("c").getState()).isEqualTo(Clone.State.READY);
    lab.startReconciler();
    lab.awaitGone("c");
  }

  @Test
  void aCloneThatIsUsedDoesNotExpireAndOneThatIsNotDoes() {
    user.createFor("used", Lifetime.newBuilder().setIdleTtl(CloneUser.millis(3000)).build());
    user.createFor("idle", Lifetime.newBuilder().setIdleTtl(CloneUser.millis(3000)).build());
    lab.awaitState("used", Clone.State.READY);
    lab.awaitState("idle", Clone.State.READY);
    String id = "used." + user.now("used").getUid();
    long[] use = {0};
    CoordinatorLab.eventually(
        "the idle one is gone",
        () -> {
          host.setActivity(id, Activity.newBuilder().setUse(++use[0]).build());
          return lab.find("idle").isEmpty();
        });
    assertThat(user.now("used").getState()).isEqualTo(Clone.State.READY);
  }

  @Test
  void aProtectedCloneIsNeitherDeletedNorStoppedNorResetNorExpires() {
    user.createFor(
        "c",
        Lifetime.newBuilder()
            .setTtl(CloneUser.millis(500))
            .setProtect(CloneUser.millis(60_000))
            .build());
    lab.awaitState("c", Clone.State.READY);
    CloneActions.refusedWith(() -> user.delete("c"), "CLONE_PROTECTED");
    CloneActions.refusedWith(() -> user.stop("c"), "CLONE_PROTECTED");
    CloneActions.refusedWith(() -> user.reset("c", ""), "CLONE_PROTECTED");
    user.unprotect("c");
    lab.awaitGone("c"); // its time was over long ago
  }

  @Test
  void aCloneInUseIsDeletedOnlyByForce() {
    Clone clone = user.ready("c");
    host.setActivity("c." + clone.getUid(), CloneActions.used("app", "psql"));
    CloneActions.refusedWith(() -> user.delete("c"), "CLONE_IN_USE");
    var unused =
        lab.clones()
            .deleteClone(DeleteCloneRequest.newBuilder().setName("c").setForce(true).build());
    lab.awaitGone("c");
  }
}
