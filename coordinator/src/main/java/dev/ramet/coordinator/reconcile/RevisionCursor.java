package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultKind;
import dev.ramet.coordinator.lifecycle.Effect;
import dev.ramet.coordinator.lifecycle.RevisionEvent;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.lifecycle.Transition;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Revision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One revision's record during one attempt: the version last seen, and the only way to change it.
 *
 * <p>Threads: safe; a second writer waits for the first.
 */
final class RevisionCursor {
  private static final int MAX_CONFLICTS = 8;

  private final Term term;
  private Versioned<RevisionRecord> current;
  private boolean gone;

  RevisionCursor(Term term, Versioned<RevisionRecord> current) {
    this.term = term;
    this.current = current;
  }

  Key<RevisionRecord> key() {
    return current.key();
  }

  synchronized RevisionRecord record() {
    return current.value();
  }

  synchronized RevisionState state() {
    return gone ? RevisionState.GONE : RevisionRecords.state(current.value());
  }

  String name() {
    return RevisionRecords.name(record());
  }

  boolean apply(RevisionEvent event) {
    return apply(event, Optional.empty(), UnaryOperator.identity());
  }

  boolean apply(RevisionEvent event, Fault fault) {
    return apply(event, Optional.of(fault), UnaryOperator.identity());
  }

  /**
   * Carries an event out: the new state and its effects in one transaction. False where the event
   * means nothing in the state that the record is in by now.
   */
  synchronized boolean apply(
      RevisionEvent event, Optional<Fault> fault, UnaryOperator<RevisionRecord> more) {
    for (int i = 0; i < MAX_CONFLICTS && !gone; i++) {
      RevisionRecord before = current.value();
      Optional<Transition<RevisionState, RevisionEvent>> row =
          RevisionRecords.transition(before, event);
      if (row.isEmpty()) {
        return false;
      }
      RevisionRecord next = more.apply(RevisionRecords.after(before, row.get(), fault, term.now()));
      List<Effect> effects = row.get().effects();
      boolean removes = effects.contains(Effect.REMOVE_RECORD);
      Txn txn = Txn.begin().by(term.leadership());
      txn =
          removes
              ? OperationLog.endingDeletion(
                  txn.delete(current), term, Operation.Kind.DELETE_REVISION, name())
              : txn.update(current, next);
      if (effects.contains(Effect.FORGET_SECRET)) {
        txn = txn.delete(Keys.secret(before.getOperation()));
      }
      if (effects.contains(Effect.END_OPERATION)) {
        txn = endOperation(txn, next, fault);
      }
      if (committed(txn, removes)) {
        return true;
      }
    }
    return giveUp();
  }

  /** Changes the record without a change of state; nothing is written where it stays the same. */
  synchronized void amend(UnaryOperator<RevisionRecord> change) {
    for (int i = 0; i < MAX_CONFLICTS && !gone; i++) {
      RevisionRecord next = change.apply(current.value());
      if (next.equals(current.value())
          || committed(Txn.begin().by(term.leadership()).update(current, next), false)) {
        return;
      }
    }
    giveUp();
  }

  /**
   * Writes DELETING, from where on the deletion cannot be taken back. False where somebody changed
   * the record since it was seen: it has to be looked at again.
   */
  synchronized boolean beginDeleting() {
    RevisionRecord doomed = current.value();
    if (gone || doomed.getState() == Revision.State.DELETING) {
      return !gone;
    }
    RevisionRecord next = doomed.toBuilder().setState(Revision.State.DELETING).build();
    return committed(Txn.begin().by(term.leadership()).update(current, next), false);
  }

  private boolean committed(Txn txn, boolean removes) {
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        gone = removes;
        if (!gone) {
          current = committed.written(current.key());
        }
        term.wrote(committed.revision());
        yield true;
      }
      case Outcome.Conflict conflict -> {
        refresh(conflict.current(current.key()));
        yield false;
      }
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }

  private boolean giveUp() {
    if (gone) {
      return false;
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "image %s is being changed by somebody else".formatted(name()));
  }

  private Txn endOperation(Txn txn, RevisionRecord revision, Optional<Fault> fault) {
    Optional<Versioned<OperationRecord>> operation =
        term.store().get(Keys.operation(revision.getOperation()));
    Optional<Fault> why =
        fault.or(() ->
            revision.hasFailure() ? Optional.of(fault(revision.getFailure())) : Optional.empty());
    if (revision.getMeta().hasDeleteTime()) {
      why = Optional.of(ErrorCode.CANCELLED.fault("%s was deleted".formatted(name())));
    }
    Optional<OperationRecord> ended =
        operation.map(Versioned::value).isPresent()
            ? OperationLog.ended(operation.get().value(), why, term.now())
            : Optional.empty();
    return ended.isPresent() ? txn.update(operation.get(), ended.get()) : txn;
  }

  private static Fault fault(Failure failure) {
    return new Fault(
        failure.getCode(),
        FaultKind.INTERNAL,
        failure.getMessage(),
        failure.getRetryable(),
        failure.getLogTailList(),
        Map.of(),
        List.of());
  }

  private void refresh(Optional<Versioned<RevisionRecord>> found) {
    String uid = current.value().getMeta().getUid();
    Optional<Versioned<RevisionRecord>> same =
        found.filter(record -> record.value().getMeta().getUid().equals(uid));
    if (same.isPresent()) {
      current = same.get();
    } else {
      gone = true;
    }
  }
}
