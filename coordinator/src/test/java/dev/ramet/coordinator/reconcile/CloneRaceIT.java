package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.MeanwhileStore;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.Save;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two who want something of the same clone at once, and what each of them is told. */
@Timeout(120)
class CloneRaceIT extends AppOnOneHost {
  private static final Duration JOIN = Duration.ofSeconds(30);

  /** The call is refused for this reason, because of what happened before it wrote the key. */
  private void refusedBecause(
      Key<?> written, Runnable first, ThrowingCallable call, String reason) {
    meanwhile.before(written, first);
    CloneActions.refusedWith(call, reason);
    assertThat(meanwhile.happened()).isTrue();
  }

  @Test
  void anExtensionAtTheVeryEndOfALifeCounts() {
    lab.stopReconciler();
    MeanwhileStore leader = new MeanwhileStore(lab.etcd().store());
    user.createFor("c", Lifetime.newBuilder().setTtl(CloneUser.millis(3000)).build());
    Instant end = Times.instant(user.now("c").getExpireTime());
    leader.before(
        Keys.clone("c"),
        () -> !Instant.now().isBefore(end),
        () -> {
          var unused =
              lab.clones()
                  .extendClone(
                      ExtendCloneRequest.newBuilder()
                          .setName("c")
                          .setTtl(CloneUser.millis(3_600_000))
                          .build());
        });
    Recorder recorder = new Recorder();
    lab.startReconciler(CoordinatorLab.HASTY, leader, recorder);
    CoordinatorLab.eventually("the leader was about to delete it", leader::happened);
    int looks = recorder.looks.getOrDefault("clone", 0);
    CoordinatorLab.eventually(
        "that look and another are over",
        () -> recorder.looks.getOrDefault("clone", 0) > looks + 1);
    user.awaitDone("c", Clone.State.READY);
    assertThat(Times.instant(user.now("c").getExpireTime())).isAfter(end.plusSeconds(1800));
  }

  @Test
  void aProtectionThatComesBeforeTheWriteIsSeen() {
    user.ready("c");
    Map<String, ThrowingCallable> verbs =
        Map.of(
            "delete", () -> user.delete("c"),
            "stop", () -> user.stop("c"),
            "restart", () -> user.restart("c"),
            "reset", () -> user.reset("c", ""));
    verbs.forEach((verb, call) -> {
      refusedBecause(Keys.clone("c"), () -> user.protect("c"), call, "CLONE_PROTECTED");
      assertThat(user.now("c").getState()).as(verb).isEqualTo(Clone.State.READY);
      user.unprotect("c");
    });
  }

  @Test
  void aBranchThatComesBeforeTheDeletionKeepsWhatItStandsOn() {
    user.ready("c");
    Save _ = user.save("c", "s");
    refusedBecause(
        Keys.clone("c"),
        () -> user.branch("b", "c@s"),
        () -> user.delete("c"),
        "CLONE_HAS_BRANCHES");
    refusedBecause(
        Keys.save(user.now("c").getUid(), "s"),
        () -> user.branch("d", "c@s"),
        () -> {
          user.delete("b");
          user.deleteSave("c", "s");
        },
        "SAVE_HAS_BRANCHES");
    assertThat(user.now("d").getState()).isEqualTo(Clone.State.READY);
    user.delete("d");
    user.delete("c");
    assertThat(host.snapshots()).hasSize(1);
  }

  @Test
  void aResetOfAnotherToItsSaveThatComesBeforeTheDeletionKeepsTheSave() {
    user.ready("c");
    user.ready("other");
    Save _ = user.save("c", "s");
    refusedBecause(
        Keys.clone("c"),
        () -> {
          user.reset("other", "c@s");
          user.awaitDone("other", Clone.State.READY);
        },
        () -> user.delete("c"),
        "CLONE_HAS_BRANCHES");
    assertThat(user.now("other").getOrigin()).isEqualTo("c@s");
    user.delete("other");
    user.delete("c");
  }

  @Test
  void whatBeginsToStandOnASaveAfterItsCloneWasDeletedIsRefused() {
    user.ready("c");
    user.ready("other");
    Save _ = user.save("c", "s");
    refusedBecause(
        Keys.clone("b"), () -> user.delete("c"), () -> user.branch("b", "c@s"), "CLONE_NOT_FOUND");
    assertThat(lab.find("b")).isEmpty();
    user.ready("c");
    Save _ = user.save("c", "s");
    refusedBecause(
        Keys.clone("other"),
        () -> user.delete("c"),
        () -> user.reset("other", "c@s"),
        "CLONE_NOT_FOUND");
    user.ready("c");
    Save _ = user.save("c", "s");
    refusedBecause(
        Keys.image("app"),
        () -> user.delete("c"),
        () -> user.promote("c@s", "app"),
        "CLONE_NOT_FOUND");
    assertThat(user.now("other").getState()).isEqualTo(Clone.State.READY);
    assertThat(host.snapshots()).hasSize(1);
  }

  @Test
  void savesOfACloneThatCannotBeReadAreKept() throws InterruptedException {
    user.ready("c");
    Save _ = user.save("c", "s");
    Key<CloneRecord> key = Keys.clone("c");
    byte[] record = lab.etcd().store().get(key).orElseThrow().value().toByteArray();
    etcd.put(key.path(), new byte[] {(byte) 0xff, 1, 2});
    CoordinatorLab.eventually(
        "it is unreadable", () -> !lab.etcd().informer().view().unreadable().isEmpty());
    Thread.sleep(CoordinatorLab.HASTY.resync().multipliedBy(4));
    assertThat(host.snapshots()).hasSize(2);
    etcd.put(key.path(), record);
    CoordinatorLab.eventually(
        "it is there again", () -> lab.etcd().informer().view().get(key).isPresent());
    user.reset("c", "c@s");
    user.awaitDone("c", Clone.State.READY);
    user.delete("c");
    assertThat(host.snapshots()).hasSize(1);
  }

  @Test
  void aResetDoesNotTakeTheDataOfASaveThatIsBeingMade() throws InterruptedException {
    user.ready("c");
    lab.stopReconciler();
    AtomicReference<Thread> saving = new AtomicReference<>();
    refusedBecause(
        Keys.clone("c"),
        () -> {
          saving.set(Thread.startVirtualThread(() -> user.save("c", "s")));
          CoordinatorLab.eventually(
              "the save is asked for", () -> lab.etcd().informer().view().count(Kind.SAVE) == 1);
        },
        () -> user.reset("c", ""),
        "SAVE_NOT_READY");
    lab.startReconciler();
    assertThat(saving.get().join(JOIN)).isTrue();
    user.reset("c", "");
    user.awaitDone("c", Clone.State.READY);
  }

  @Test
  void aSavesNameStandsForOnePointAndItsRequestForTheSameSave() {
    Clone clone = user.ready("c");
    CreateSaveRequest request =
        CreateSaveRequest.newBuilder()
            .setClone("c")
            .setName("s")
            .setRequestId("0c7f4a4e-6f7f-4e0c-9c1e-2f6f5d3a1b11")
            .build();
    Save first = lab.clones().createSave(request);
    assertThat(lab.clones().createSave(request)).isEqualTo(first);
    CloneActions.refusedWith(() -> user.save("c", "s"), "SAVE_EXISTS");
    refusedBecause(
        Keys.save(clone.getUid(), "t"),
        () -> user.save("c", "t"),
        () -> user.save("c", "t"),
        "SAVE_EXISTS");
    assertThat(host.snapshots()).hasSize(3);
  }

  @Test
  void aCloneWhoseHostWasAwayIsNotTakenForIdle() throws InterruptedException {
    user.createFor("c", Lifetime.newBuilder().setIdleTtl(CloneUser.millis(3000)).build());
    user.awaitDone("c", Clone.State.READY);
    String id = "c." + user.now("c").getUid();
    lab.lose(host);
    Thread.sleep(4000);
    assertThat(user.now("c").getState()).isEqualTo(Clone.State.READY);
    host.setActivity(id, CloneActions.used("app", "psql"));
    long before = user.now("c").getLastUsedTime().getSeconds();
    lab.report(host);
    CoordinatorLab.eventually(
        "its use is noticed", () -> user.now("c").getLastUsedTime().getSeconds() > before);
    assertThat(user.now("c").getState()).isEqualTo(Clone.State.READY);
    lab.awaitGone("c");
  }

  @Test
  void aStoppedCloneIsNotIdle() throws InterruptedException {
    user.createFor("c", Lifetime.newBuilder().setIdleTtl(CloneUser.millis(2000)).build());
    user.awaitDone("c", Clone.State.READY);
    user.stop("c");
    Thread.sleep(3500);
    Clone stopped = user.now("c");
    assertThat(stopped.getState()).isEqualTo(Clone.State.STOPPED);
    assertThat(stopped.hasExpireTime()).as("nothing ends it").isFalse();
    assertThat(stopped.getWarningsList()).isEmpty();
    user.start("c");
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").hasExpireTime()).isTrue();
    lab.awaitGone("c");
  }

  @Test
  void aSecondRestartDoesNotCancelTheFirst() {
    String id = "c." + user.ready("c").getUid();
    String stop = "DeleteInstance " + id;
    host.refuse(stop, Status.Code.UNAVAILABLE, "PEER_UNREACHABLE", Integer.MAX_VALUE);
    user.restart("c");
    CoordinatorLab.eventually("it is being stopped", () -> host.calls().contains(stop));
    user.restart("c");
    int calls = host.calls().size();
    host.heal();
    user.awaitDone("c", Clone.State.READY);
    assertThat(host.isRunning(id)).isTrue();
    assertThat(host.calls().subList(calls, host.calls().size()))
        .containsSubsequence(stop, "StartInstance " + id);
  }

  @Test
  void aVolumeThatCannotBeRemovedAfterAResetKeepsNothingElse() {
    String first = "c." + user.ready("c").getUid();
    host.refuse("DeleteVolume " + first, Status.Code.INTERNAL, "DEVICE", Integer.MAX_VALUE);
    user.reset("c", "");
    user.awaitDone("c", Clone.State.READY);
    host.killInstance(first + ".r2");
    CoordinatorLab.eventually("started again", () -> host.isRunning(first + ".r2"));
    user.reset("c", "");
    user.awaitDone("c", Clone.State.READY);
    CoordinatorLab.eventually("the second is gone", () -> !host.volumes().contains(first + ".r2"));
    assertThat(host.volumes()).containsExactly(first, first + ".r3");
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("c").build());
    CoordinatorLab.eventually(
        "it says why it is not gone", () -> user.now("c").getFailure().getCode().equals("DEVICE"));
    assertThat(user.now("c").getState()).isEqualTo(Clone.State.DELETING);
    host.heal();
    lab.awaitGone("c");
    assertThat(host.isEmpty()).isTrue();
  }
}
