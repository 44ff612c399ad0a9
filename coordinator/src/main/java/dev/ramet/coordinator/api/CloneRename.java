package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.RenameCloneRequest;
import java.util.Optional;

/**
 * Gives a clone another name: one transaction, in which the old key goes, the new one comes and the
 * port says whose it is. Nothing on the host changes, and no other record: ids on hosts name a
 * clone by its uid, saves find their clone by it, and what was made from a save finds that by its
 * snapshot.
 */
final class CloneRename {
  private static final int MAX_ATTEMPTS = 8;

  private final Records records;
  private final CloneLookup clones;

  CloneRename(Records records) {
    this.records = records;
    this.clones = new CloneLookup(records);
  }

  /** Repeat: the clone as it is. */
  Clone rename(RenameCloneRequest request) {
    new RequestCheck()
        .name("name", request.getName())
        .name("new_name", request.getNewName())
        .require(
            !request.getName().equals(request.getNewName()), "new_name", "is the name that it has")
        .done();
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Clone> renamed = attempt(request);
      if (renamed.isPresent()) {
        return renamed.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "clone %s keeps changing: try again".formatted(request.getName()));
  }

  /** Empty: something changed meanwhile, look again. */
  private Optional<Clone> attempt(RenameCloneRequest request) {
    Optional<Versioned<CloneRecord>> found =
        records
            .store()
            .get(Keys.clone(request.getName()))
            .filter(clone -> isMeant(clone.value(), request));
    if (found.isEmpty()) {
      return Optional.of(renamedBefore(request));
    }
    View view = records.viewAt(found.get().modRevision());
    CloneRecord clone = found.get().value();
    requirePossible(clone);
    CloneLookup.requireFree(view, request.getNewName());
    Key<CloneRecord> key = Keys.clone(request.getNewName());
    return switch (records.commit(transaction(view, found.get(), key))) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(CloneMessages.clone(records.view(), committed.written(key)));
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  private static Txn transaction(View view, Versioned<CloneRecord> clone, Key<CloneRecord> newKey) {
    CloneRecord.Builder next =
        clone.value().toBuilder().setFormerName(clone.value().getMeta().getName());
    next.getMetaBuilder().setName(newKey.name());
    CloneRecord renamed = retold(next.build());
    Txn txn = Txn.begin().create(newKey, renamed).delete(clone);
    return CloneRecords.heldPort(view, clone.value())
        .map(held -> txn.put(held.key(), CloneDrafts.port(renamed)))
        .orElse(txn);
  }

  /** What it is told to do about its growth has its name in it. */
  private static CloneRecord retold(CloneRecord clone) {
    if (CloneRecords.state(clone) != CloneState.OVER_CAP) {
      return clone;
    }
    CloneRecord.Builder next = clone.toBuilder();
    next.getStatusBuilder().setFailure(Failures.message(Growths.over(clone, Growths.bytes(clone))));
    return next.build();
  }

  /** A worker that is in the midst of something must not meet one that begins. */
  private void requirePossible(CloneRecord clone) {
    Lookups.requireKept(
        clone.getMeta().hasDeleteTime(), "clone %s".formatted(clone.getMeta().getName()));
    boolean settled =
        switch (CloneRecords.state(clone)) {
          case READY, BROKEN, OVER_CAP, FAILED -> true;
          case STOPPED -> CloneRecords.isReached(clone);
          case PENDING, PROVISIONING, FAILING, RECOVERING, RESETTING, DELETING, GONE -> false;
        };
    if (!settled) {
      throw clones.notNow(clone, "renamed");
    }
  }

  /** Somebody whose answer was lost asks again. */
  private Clone renamedBefore(RenameCloneRequest request) {
    View view = records.view();
    return records
        .store()
        .get(Keys.clone(request.getNewName()))
        .filter(clone -> clone.value().getFormerName().equals(request.getName()))
        .filter(clone -> isMeant(clone.value(), request))
        .map(clone -> CloneMessages.clone(view, clone))
        .orElseThrow(() -> CloneLookup.notFound(view, request.getName()));
  }

  private static boolean isMeant(CloneRecord clone, RenameCloneRequest asked) {
    return asked.getUid().isEmpty() || asked.getUid().equals(clone.getMeta().getUid());
  }
}
