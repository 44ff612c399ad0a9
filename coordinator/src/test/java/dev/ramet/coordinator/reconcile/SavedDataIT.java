package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Save;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a save holds, what it is good for, and how long it stays. */
@Timeout(120)
class SavedDataIT extends AppOnOneHost {
  private void awaitEnd(Operation operation) {
    CoordinatorLab.eventually("ended", () -> lab.operation(operation.getId()).getDone());
    assertThat(lab.operation(operation.getId()).hasFailure()).isFalse();
  }

  /** As if somebody had written it. Returns when the API sees it. */
  private <T extends Message> void change(Key<T> key, UnaryOperator<T> change) {
    Versioned<T> written = lab.etcd().store().modify(key, change).orElseThrow();
    CoordinatorLab.eventually(
        "that is seen", () -> lab.etcd().informer().view().get(key).equals(Optional.of(written)));
  }

  private void resetTo(String to, String database) {
    user.reset("c", to);
    user.awaitDone("c", Clone.State.READY);
    assertThat(user.now("c").getDatabase()).isEqualTo(database);
    assertThat(user.now("c").getUrl()).endsWith("/" + database);
  }

  @Test
  void aSaveNeedsNeitherItsClonesPresentDataNorTheRevisionThatItsOwnBeganAs() {
    user.ready("c");
    host.setDatabase("crm");
    awaitEnd(lab.build("crm"));
    resetTo("crm:1", "crm");
    Save _ = user.save("c", "s");
    resetTo("app:1", "app");
    awaitEnd(lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("crm").build()));

    user.branch("b", "c@s");
    assertThat(user.now("b").getUrl()).endsWith("/crm");
    resetTo("c@s", "crm");
    Save _ = user.save("c", "t");
    Revision made = user.promoted("c@t", "fresh");
    assertThat(made.getState()).isEqualTo(Revision.State.READY);
    assertThat(made.getDatabase()).isEqualTo("crm");
    assertThat(made.getDatabasesList()).containsExactly("crm");
    assertThat(made.getVolumeBytes()).isPositive();
    resetTo("fresh:1", "crm");
  }

  @Test
  void aCloneIsNotRestoredToASaveOfAnotherEngine() {
    Clone clone = user.ready("c");
    Save _ = user.save("c", "s");
    change(
        Keys.save(clone.getUid(), "s"),
        (SaveRecord save) -> {
          SaveRecord.Builder other = save.toBuilder();
          other.getDataBuilder().setEngineVersion("14");
          return other.build();
        });
    CloneActions.refusedWith(() -> user.reset("c", "c@s"), "ENGINE_VERSION_MISSING");
    assertThat(user.now("c").getState()).isEqualTo(Clone.State.READY);
  }

  @Test
  void anImageOfAnotherEngineGetsNoRevisionOfASave() {
    user.ready("c");
    Save _ = user.save("c", "s");
    change(Keys.image("app"), (ImageRecord image) -> image.toBuilder().setEngine("mysql").build());
    CloneActions.refusedWith(() -> user.promote("c@s", "app"), "IMAGE_ENGINE_DIFFERS");
    CloneActions.refusedWith(() -> lab.build("app"), "IMAGE_ENGINE_DIFFERS");
  }

  @Test
  void whoUsesASaveWhoseSnapshotIsGoneIsToldWhatIsLostAndWhatToDo() {
    user.ready("c");
    Save save = user.save("c", "s");
    host.loseSnapshot(new HostId.OfSave("s", save.getUid()).text());
    String[] words = {"save c@s is lost", "pool main of host host-a", "ramet clone saves rm c@s"};

    user.reset("c", "c@s");
    user.awaitDone("c", Clone.State.READY);
    Failure failure = user.now("c").getLastReset().getFailure();
    assertThat(failure.getCode()).isEqualTo("DATA_LOST");
    assertThat(failure.getMessage()).contains(words);

    var _ =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName("b")
                    .setSpec(CloneSpec.newBuilder().setFrom("c@s"))
                    .build());
    lab.awaitState("b", Clone.State.FAILED);
    assertThat(user.now("b").getFailure().getMessage()).contains(words);

    Operation promotion = user.promote("c@s", "app");
    CoordinatorLab.eventually("it ends", () -> lab.operation(promotion.getId()).getDone());
    assertThat(lab.operation(promotion.getId()).getFailure().getMessage()).contains(words);
    user.delete("b");
    assertThat(user.deleteSave("c", "s")).isTrue();
  }

  @Test
  void aPromotionKeepsItsSaveUntilItIsDone() {
    user.ready("c");
    Save _ = user.save("c", "s");
    host.hold("StartInstance");
    Operation promotion = user.promote("c@s", "app");
    CoordinatorLab.eventually("it is being made", () -> !host.heldIn("StartInstance").isEmpty());
    CloneActions.refusedWith(() -> user.deleteSave("c", "s"), "SAVE_HAS_BRANCHES");
    CloneActions.refusedWith(() -> user.delete("c"), "CLONE_HAS_BRANCHES");
    host.release("StartInstance");
    awaitEnd(promotion);
    user.deleteSave("c", "s");
    user.delete("c");
    assertThat(host.snapshots()).as("both revisions").hasSize(2);
  }

  @Test
  void aCloneWhoseTimeIsOverWaitsForThoseThatWereMadeFromItsSaves() {
    user.createFor("c", Lifetime.newBuilder().setTtl(CloneUser.millis(4000)).build());
    user.awaitDone("c", Clone.State.READY);
    Save _ = user.save("c", "s");
    user.branch("b", "c@s");
    CoordinatorLab.eventually("that is told", () -> warning("EXPIRY_WAITS").isPresent());
    assertThat(warning("EXPIRY_WAITS").orElseThrow()).endsWith(": b");
    assertThat(warning("EXPIRES_SOON")).isEmpty();
    assertThat(user.now("c").getState()).isEqualTo(Clone.State.READY);
    user.delete("b");
    lab.awaitGone("c");
    assertThat(host.snapshots()).hasSize(1);
  }

  private Optional<String> warning(String code) {
    return user.now("c").getWarningsList().stream()
        .filter(warning -> warning.getCode().equals(code))
        .map(warning -> warning.getMessage())
        .findFirst();
  }

  @Test
  void theSavesOfACloneThatExpiredGoWithoutAnotherLookAtEverything() {
    lab.stopReconciler();
    lab.startReconciler(CoordinatorLab.RARELY);
    user.createFor("c", Lifetime.newBuilder().setTtl(CloneUser.millis(3000)).build());
    user.awaitDone("c", Clone.State.READY);
    Save _ = user.save("c", "s");
    lab.awaitGone("c");
    assertThat(host.snapshots()).hasSize(1);
    assertThat(host.isEmpty()).isTrue();
  }
}
