package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.FakeAgent.Cut;
import dev.ramet.coordinator.testing.MeanwhileStore;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.RenameCloneRequest;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.Save;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clones that get another name, or whose old data do: hosts in memory, a real etcd. */
@Timeout(300)
class CloneNamesIT extends AppOnOneHost {
  private static final int STEPS_OF_A_KEEPING_RESET = 9;

  private List<Save> saves(String clone) {
    return lab.clones()
        .listSaves(ListSavesRequest.newBuilder().setClone(clone).build())
        .getSavesList();
  }

  @Test
  void aRenamedCloneIsTheSameCloneAndNothingIsAskedOfItsHost() {
    Clone before = user.ready("a");
    int calls = host.calls().size();
    Clone after = user.rename("a", "b");
    assertThat(after).isEqualTo(before.toBuilder().setName("b").setEtag(after.getEtag()).build());
    assertThat(lab.find("a")).isEmpty();
    assertThat(user.now("b")).isEqualTo(after);
    assertThat(lab.ports()).isOne();
    assertThat(
            lab.etcd()
                .informer()
                .view()
                .get(Keys.port("host-a", before.getEndpoint().getPort()))
                .orElseThrow()
                .value()
                .getClone())
        .isEqualTo("b");
    lab.stopReconciler();
    lab.startReconciler();
    user.awaitDone("b", Clone.State.READY);
    assertThat(host.calls().subList(calls, host.calls().size())).isEmpty();
    user.delete("b");
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  @Test
  void anotherCloneOfTheOldNameHasNothingInCommonWithIt() {
    user.ready("a");
    Save _ = user.save("a", "s");
    user.rename("a", "b");
    user.ready("a");
    Save _ = user.save("a", "s");
    user.reset("a", "");
    user.reset("b", "");
    user.awaitDone("a", Clone.State.READY);
    user.awaitDone("b", Clone.State.READY);
    CoordinatorLab.eventually("each has one volume", () -> host.volumes().size() == 2);
    assertThat(host.instances()).hasSize(2);
    user.delete("a");
    assertThat(saves("b")).extracting(Save::getName).containsExactly("s");
    assertThat(host.snapshots()).as("the image's, and b's save").hasSize(2);
    user.delete("b");
    assertThat(host.snapshots()).hasSize(1);
    assertThat(host.isEmpty()).isTrue();
  }

  @Test
  void whatWasMadeOfItsSavesSpeaksOfThemByTheNewName() {
    user.ready("a");
    Save _ = user.save("a", "one");
    Save _ = user.save("a", "two");
    user.branch("c", "a@one");
    user.rename("a", "b");
    user.ready("a");
    Save _ = user.save("a", "one");
    assertThat(saves("b"))
        .extracting(Save::getClone, Save::getName, Save::getParent)
        .containsExactly(tuple("b", "one", "app:1"), tuple("b", "two", "b@one"));
    assertThat(user.now("c").getOrigin()).isEqualTo("b@one");
    user.reset("c", "");
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getLastReset().getTo()).isEqualTo("b@one");
    CloneActions.refusedWith(() -> user.deleteSave("b", "one"), "SAVE_HAS_BRANCHES");
    user.deleteSave("a", "one");
    CloneActions.refusedWith(() -> user.delete("b"), "CLONE_HAS_BRANCHES");
    user.delete("c");
    user.deleteSave("b", "one");
    assertThat(saves("b")).extracting(Save::getName).containsExactly("two");
  }

  @Test
  void aRenameThatCannotBeIsRefusedAndChangesNothing() {
    Clone a = user.ready("a");
    user.ready("b");
    CloneActions.refusedWith(() -> user.rename("a", "b"), "CLONE_EXISTS");
    CloneActions.refusedWith(() -> user.rename("x", "y"), "CLONE_NOT_FOUND");
    CloneActions.refusedWith(() -> user.rename("a", "a"), "INVALID_ARGUMENT");
    CloneActions.refusedWith(() -> user.rename("a", "A"), "INVALID_ARGUMENT");
    CloneActions.refusedWith(
        () ->
            lab.clones()
                .renameClone(
                    RenameCloneRequest.newBuilder()
                        .setName("a")
                        .setNewName("c")
                        .setUid(user.now("b").getUid())
                        .build()),
        "CLONE_NOT_FOUND");
    assertThat(user.now("a")).isEqualTo(a);
    host.cutFrom(0, Cut.BEFORE_EFFECT);
    user.reset("a", "");
    CloneActions.refusedWith(() -> user.rename("a", "c"), "CLONE_NOT_READY");
    var _ = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("a").build());
    CloneActions.refusedWith(() -> user.rename("a", "c"), "BEING_DELETED");
    CloneActions.refusedWith(() -> user.rename("b", "a"), "CLONE_EXISTS");
    host.heal();
    lab.awaitGone("a");
    assertThat(lab.find("c")).isEmpty();
  }

  @Test
  void whoAsksForTheOldNameIsToldTheNewOne() {
    user.ready("a");
    user.rename("a", "b");
    StatusRuntimeException told =
        catchThrowableOfType(StatusRuntimeException.class, () -> user.stop("a"));
    assertThat(told.getStatus().getDescription())
        .isEqualTo("there is no clone 'a' any more: it is called 'b' now");
    Clone gone = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("a").build());
    assertThat(gone).as("what is missing is deleted").isEqualTo(Clone.getDefaultInstance());
    user.delete("b");
    CloneActions.refusedWith(() -> user.stop("a"), "CLONE_NOT_FOUND");
  }

  @Test
  void aRenameWhoseAnswerWasLostCanBeRepeated() {
    Clone first = user.ready("a");
    Clone renamed = user.rename("a", "b");
    assertThat(user.rename("a", "b")).isEqualTo(renamed);
    RenameCloneRequest.Builder again =
        RenameCloneRequest.newBuilder().setName("a").setNewName("b").setUid(first.getUid());
    assertThat(lab.clones().renameClone(again.build())).isEqualTo(renamed);
    user.ready("a");
    assertThat(lab.clones().renameClone(again.build()))
        .as("another clone of the old name is not meant")
        .isEqualTo(renamed);
    CloneActions.refusedWith(() -> user.rename("a", "b"), "CLONE_EXISTS");
  }

  @Test
  void theDataOfAResetAreKeptAsACloneOfItsOwn() {
    Clone before = user.ready("c");
    Save _ = user.save("c", "s");
    user.resetKeeping("c", "old");
    user.awaitDone("c", Clone.State.READY);
    user.awaitDone("old", Clone.State.STOPPED);
    Clone old = user.now("old");
    assertThat(old.getOrigin()).isEqualTo("app:1");
    assertThat(old.getEndpoint().getPort()).isNotEqualTo(before.getEndpoint().getPort());
    assertThat(old.getPassword()).isEqualTo(before.getPassword());
    assertThat(user.now("c").getUrl()).isEqualTo(before.getUrl());
    assertThat(host.volumes())
        .containsExactly("c." + before.getUid(), "c." + before.getUid() + ".r2");
    assertThat(host.instances()).containsExactly("c." + before.getUid() + ".r2");
    assertThat(saves("c")).hasSize(1);
    assertThat(saves("old")).isEmpty();
    assertThat(lab.ports()).isEqualTo(2);
    user.start("old");
    user.awaitDone("old", Clone.State.READY);
    assertThat(host.port("c." + before.getUid())).isEqualTo(old.getEndpoint().getPort());
    user.reset("old", "");
    user.awaitDone("old", Clone.State.READY);
    user.delete("c");
    CoordinatorLab.eventually("only the new data of old", () -> host.volumes().size() == 1);
    user.delete("old");
    assertThat(host.isEmpty()).isTrue();
    assertThat(lab.ports()).isZero();
  }

  @Test
  void whatIsKeptOfAProtectedCloneIsProtectedToo() {
    user.ready("c");
    user.protect("c");
    var unused =
        lab.clones()
            .resetClone(
                ResetCloneRequest.newBuilder()
                    .setName("c")
                    .setKeepAs("old")
                    .setForce(true)
                    .build());
    user.awaitDone("c", Clone.State.READY);
    user.awaitDone("old", Clone.State.STOPPED);
    DeleteCloneRequest deletion = DeleteCloneRequest.newBuilder().setName("old").build();
    CloneActions.refusedWith(() -> lab.clones().deleteClone(deletion), "CLONE_PROTECTED");
    assertThat(user.now("c").hasProtectedUntil()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aKeepingResetCutAtAnyCallLosesNothing(Cut cut) {
    for (int call = 0; call < STEPS_OF_A_KEEPING_RESET; call++) {
      Clone before = user.ready("c");
      String first = "c." + before.getUid();
      host.cutFrom(call, cut);
      user.resetKeeping("c", "old");
      changeLeaderAfterCut(call);
      user.awaitDone("c", Clone.State.READY);
      user.awaitDone("old", Clone.State.STOPPED);
      assertThat(host.volumes()).as("call %d", call).containsExactly(first, first + ".r2");
      assertThat(host.instances()).as("call %d", call).containsExactly(first + ".r2");
      assertThat(host.calls()).as("call %d", call).doesNotContain("DeleteVolume " + first);
      user.delete("c");
      user.delete("old");
      assertThat(host.isEmpty()).as("call %d", call).isTrue();
      assertThat(lab.ports()).isZero();
    }
  }

  @Test
  void aKeepingResetThatFailsKeepsNothingElse() {
    Clone before = user.ready("c");
    host.refuse("CloneVolume", Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", 1);
    user.resetKeeping("c", "old");
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getLastReset().getFailure().getCode()).isEqualTo("POOL_FULL");
    assertThat(lab.find("old")).isEmpty();
    assertThat(lab.ports()).isOne();
    assertThat(host.isRunning("c." + before.getUid())).isTrue();
  }

  /** Right before the new data take the place of the old ones. */
  @Test
  void aNameThatIsTakenMeanwhileLeavesTheCloneAsItWas() {
    Clone before = user.ready("c");
    String first = "c." + before.getUid();
    lab.stopReconciler();
    MeanwhileStore leader = new MeanwhileStore(lab.etcd().store());
    leader.before(Keys.clone("old"), () -> lab.create("old"));
    lab.startReconciler(CoordinatorLab.HASTY, leader, Telemetry.NONE);
    user.resetKeeping("c", "old");
    CoordinatorLab.eventually("it was about to be written", leader::happened);
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getLastReset().getFailure().getCode()).isEqualTo("CLONE_EXISTS");
    user.awaitDone("old", Clone.State.READY);
    assertThat(user.now("old").getUid()).isNotEqualTo(before.getUid());
    assertThat(host.isRunning(first)).isTrue();
    assertThat(host.port(first)).isEqualTo(before.getEndpoint().getPort());
    CloneActions.refusedWith(() -> user.resetKeeping("c", "old"), "CLONE_EXISTS");
    CloneActions.refusedWith(() -> user.resetKeeping("c", "c"), "CLONE_EXISTS");
  }

  private static final Map<String, List<String>> LOSERS =
      Map.of(
          "rename",
          List.of("CLONE_NOT_READY", "CLONE_NOT_FOUND", "BEING_DELETED", "CONCURRENT_CHANGE"),
          "reset",
          List.of(
              "CLONE_NOT_READY",
              "CLONE_NOT_FOUND",
              "BEING_DELETED",
              "CONCURRENT_CHANGE",
              "SAVE_NOT_READY",
              "CLONE_EXISTS"),
          "save",
          List.of(
              "CLONE_NOT_READY",
              "CLONE_NOT_FOUND",
              "BEING_DELETED",
              "CONCURRENT_CHANGE",
              "SAVE_NOT_FOUND",
              "SAVE_EXISTS"),
          "delete",
          List.of("CONCURRENT_CHANGE"));

  /** Whoever loses is told so, and what is there afterwards fits together. */
  @Test
  void twoWhoWantDifferentThingsOfOneCloneAtTheSameMoment() throws Exception {
    List<String> verbs = List.of("rename", "reset", "save", "delete");
    try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String one : verbs) {
        for (String other : verbs) {
          user.ready("c");
          CyclicBarrier start = new CyclicBarrier(2);
          Future<String> first = both.submit(() -> outcome(start, one, "1"));
          Future<String> second = both.submit(() -> outcome(start, other, "2"));
          String what = "%s %s, %s %s".formatted(one, first.get(), other, second.get());
          assertThat(List.of(first.get(), second.get())).as(what).contains("done");
          assertTold(what, one, first.get());
          assertTold(what, other, second.get());
          cleanUp(what);
        }
      }
    }
  }

  private static void assertTold(String what, String verb, String outcome) {
    if (!outcome.equals("done")) {
      assertThat(LOSERS.get(verb)).as(what).contains(outcome);
    }
  }

  private String outcome(CyclicBarrier start, String verb, String who) throws Exception {
    ThrowingCallable call =
        switch (verb) {
          case "rename" -> () -> user.rename("c", "c" + who);
          case "reset" -> () -> user.resetKeeping("c", "old" + who);
          case "save" -> () -> user.save("c", "s" + who);
          case "delete" -> () -> user.delete("c");
          default -> throw new AssertionError(verb);
        };
    start.await();
    try {
      call.call();
      return "done";
    } catch (StatusRuntimeException refused) {
      return CloneActions.reason(refused);
    } catch (Throwable other) {
      throw new AssertionError(other);
    }
  }

  /** All clones that came of it are settled, and go without a trace. */
  private void cleanUp(String what) {
    List<String> names = new ArrayList<>();
    for (String name : List.of("c", "c1", "c2", "old1", "old2")) {
      CoordinatorLab.eventually(
          what + ": settled " + name,
          () ->
              lab.find(name)
                  .map(
                      clone -> !clone.getReconciling() && clone.getState() != Clone.State.RESETTING)
                  .orElse(true));
    }
    for (String name : List.of("c", "c1", "c2", "old1", "old2")) {
      if (lab.find(name).isPresent()) {
        names.add(name);
        user.delete(name);
      }
    }
    CoordinatorLab.eventually(
        what + ": nothing is left of " + names,
        () -> host.isEmpty() && host.snapshots().size() == 1 && lab.ports() == 0);
  }
}
