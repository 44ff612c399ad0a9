package dev.ramet.coordinator.reconcile;

import com.google.protobuf.Duration;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteSaveRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.PromoteSaveRequest;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.RenameCloneRequest;
import dev.ramet.proto.v1.ResetCloneRequest;
import dev.ramet.proto.v1.RestartCloneRequest;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.Save;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;

/** What users ask of clones, in tests of their lives. */
record CloneUser(CoordinatorLab lab) {
  Clone ready(String name) {
    lab.create(name);
    lab.awaitState(name, Clone.State.READY);
    return now(name);
  }

  Clone now(String name) {
    return lab.find(name).orElseThrow();
  }

  void awaitDone(String name, Clone.State state) {
    CoordinatorLab.eventually(
        "clone %s is %s, and nothing more is done".formatted(name, state),
        () ->
            lab.find(name)
                .map(clone -> clone.getState() == state && !clone.getReconciling())
                .orElse(false));
  }

  Clone stop(String name) {
    return lab.clones().stopClone(StopCloneRequest.newBuilder().setName(name).build());
  }

  Clone start(String name) {
    return lab.clones().startClone(StartCloneRequest.newBuilder().setName(name).build());
  }

  Clone reset(String name, String to) {
    return lab.clones().resetClone(ResetCloneRequest.newBuilder().setName(name).setTo(to).build());
  }

  /** Resets it to what it began as; what it had becomes another clone. */
  Clone resetKeeping(String name, String as) {
    return lab.clones()
        .resetClone(ResetCloneRequest.newBuilder().setName(name).setKeepAs(as).build());
  }

  Clone rename(String name, String newName) {
    return lab.clones()
        .renameClone(RenameCloneRequest.newBuilder().setName(name).setNewName(newName).build());
  }

  Save save(String clone, String name) {
    return lab.clones()
        .createSave(CreateSaveRequest.newBuilder().setClone(clone).setName(name).build());
  }

  void delete(String name) {
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(name).build());
    lab.awaitGone(name);
  }

  void branch(String name, String from) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setFrom(from))
                    .build());
    lab.awaitState(name, Clone.State.READY);
  }

  /** False: there was none. */
  boolean deleteSave(String clone, String name) {
    return !lab.clones()
        .deleteSave(DeleteSaveRequest.newBuilder().setClone(clone).setName(name).build())
        .getMissing();
  }

  void createFor(String name, Lifetime lifetime) {
    var unused =
        lab.clones()
            .createClone(
                CreateCloneRequest.newBuilder()
                    .setName(name)
                    .setSpec(CloneSpec.newBuilder().setImage("app"))
                    .setLifetime(lifetime)
                    .build());
  }

  static Duration millis(long millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1000)
        .setNanos((int) (millis % 1000) * 1_000_000)
        .build();
  }

  Clone restart(String name) {
    return lab.clones().restartClone(RestartCloneRequest.newBuilder().setName(name).build());
  }

  /** For a minute. */
  void protect(String name) {
    var unused =
        lab.clones()
            .protectClone(
                ProtectCloneRequest.newBuilder().setName(name).setDuration(millis(60_000)).build());
  }

  void unprotect(String name) {
    var unused = lab.clones().protectClone(ProtectCloneRequest.newBuilder().setName(name).build());
  }

  Operation promote(String save, String image) {
    return lab.images()
        .promoteSave(PromoteSaveRequest.newBuilder().setSave(save).setName(image).build());
  }

  /** Promotes, and waits for the revision. */
  Revision promoted(String save, String image) {
    Operation operation = promote(save, image);
    CoordinatorLab.eventually("promoted", () -> lab.operation(operation.getId()).getDone());
    return lab.images().getRevision(GetRevisionRequest.newBuilder().setImage(image).build());
  }
}
