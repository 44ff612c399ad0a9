package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.lifecycle.Transition;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.DeleteCloneRequest;
import java.util.List;
import java.util.Optional;

/**
 * Records that a clone is to go: one transaction on the clone as the store has it, which nobody has
 * protected, and on whose saves nobody stands.
 */
final class CloneDeletion {
  private static final int MAX_ATTEMPTS = 8;

  private final Records records;
  private final CloneGuard guard;

  CloneDeletion(Records records, CloneGuard guard) {
    this.records = records;
    this.guard = guard;
  }

  /** Repeat: changes nothing. A clone that is gone, or is another by now, is an empty answer. */
  Clone delete(DeleteCloneRequest request) {
    new RequestCheck().name("name", request.getName()).done();
    View view = records.view();
    view.get(Keys.clone(request.getName()))
        .map(Versioned::value)
        .filter(clone -> isMeant(clone, request) && !clone.getMeta().hasDeleteTime())
        .ifPresent(clone -> {
          requireNoBranches(view, clone);
          guard.require(clone, request.getForce(), "deleted");
        });
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Clone> recorded = attempt(request);
      if (recorded.isPresent()) {
        return recorded.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "clone %s keeps changing: try again".formatted(request.getName()));
  }

  /**
   * Whoever begins to stand on one of its saves writes the clone too: that is in the view by now,
   * or our write fails. Empty: it changed meanwhile, look again.
   */
  private Optional<Clone> attempt(DeleteCloneRequest request) {
    Key<CloneRecord> key = Keys.clone(request.getName());
    Optional<Versioned<CloneRecord>> found =
        records.store().get(key).filter(clone -> isMeant(clone.value(), request));
    if (found.isEmpty()) {
      return Optional.of(Clone.getDefaultInstance());
    }
    CloneRecord clone = found.get().value();
    View view = records.viewAt(found.get().modRevision());
    Optional<Transition<CloneState, CloneEvent>> row =
        CloneRecords.transition(clone, CloneEvent.DELETE_ASKED);
    if (row.isEmpty()) {
      return Optional.of(CloneMessages.clone(view, found.get()));
    }
    requireNoBranches(view, clone);
    guard.requireUnprotected(clone, request.getForce(), "deleted");
    CloneRecord doomed = CloneRecords.after(clone, row.get(), Optional.empty(), records.now());
    return switch (records.commit(Txn.begin().update(found.get(), doomed))) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(CloneMessages.clone(view, committed.written(key)));
      }
      case Outcome.Conflict _ -> Optional.empty();
    };
  }

  private static void requireNoBranches(View view, CloneRecord clone) {
    List<String> branches = SaveRecords.branchesOf(view, clone);
    if (!branches.isEmpty()) {
      throw ErrorCode.CLONE_HAS_BRANCHES.exception(
          "these clones were made from saves of clone %s: %s; delete them first"
              .formatted(clone.getMeta().getName(), Rejections.listed(branches, "")));
    }
  }

  private static boolean isMeant(CloneRecord clone, DeleteCloneRequest asked) {
    return asked.getUid().isEmpty() || asked.getUid().equals(clone.getMeta().getUid());
  }
}
