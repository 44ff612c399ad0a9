package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.names.SaveName;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import java.util.List;

/** A save that can be started from, and the clone that it is of. */
record KeptSave(Versioned<SaveRecord> save, Versioned<CloneRecord> owner) {
  /** Refused where it is not there, is to go, or is not made yet. */
  static KeptSave find(View view, SaveName name) {
    Versioned<CloneRecord> owner = CloneLookup.find(view, name.owner());
    Versioned<SaveRecord> save =
        view.get(Keys.save(owner.value().getMeta().getUid(), name.save()))
            .orElseThrow(() -> notFound(view, owner, name));
    Lookups.requireKept(SaveRecords.isToGo(view, save.value()), "save " + name.text());
    if (!save.value().getReady()) {
      throw ErrorCode.SAVE_NOT_READY.exception(
          save.value().hasFailure()
              ? "%s was not kept: %s".formatted(name.text(), save.value().getFailure().getMessage())
              : "%s is being made: try again".formatted(name.text()));
    }
    return new KeptSave(save, owner);
  }

  private static RuntimeException notFound(View view, Versioned<CloneRecord> clone, SaveName name) {
    List<String> names =
        SaveRecords.of(view, clone.value()).stream()
            .map(save -> save.value().getMeta().getName())
            .toList();
    return ErrorCode.SAVE_NOT_FOUND.exception(
        "clone %s has no save '%s'; it has: %s"
            .formatted(name.owner(), name.save(), Rejections.listed(names, "none")));
  }

  /** "fix-123@before" */
  String name() {
    return owner.key().name() + "@" + record().getMeta().getName();
  }

  SaveRecord record() {
    return save.value();
  }

  /**
   * The transaction of something that begins to stand on it: a deletion of the save, or of its
   * clone, that is under way at the same time notices, or this one fails.
   */
  Txn branchedIn(Txn txn) {
    Txn branched = txn.update(save, SaveRecords.branched(save.value()));
    boolean ofItself = txn.writes().stream().anyMatch(write -> write.key().equals(owner.key()));
    return ofItself ? branched : branched.update(owner, owner.value());
  }

  /** Without the clone's record, which holds a password. */
  @Override
  public String toString() {
    return name();
  }
}
