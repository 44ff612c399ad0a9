package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneLifecycle;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.lifecycle.Effect;
import dev.ramet.coordinator.lifecycle.Transition;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.PortRecord;
import dev.ramet.proto.v1.Failure;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One clone's record during one attempt: the version last seen, and the only way to change it.
 *
 * <p>Threads: safe; a second writer waits for the first.
 */
final class CloneCursor {
  private static final int MAX_CONFLICTS = 8;

  private final Term term;
  private Versioned<CloneRecord> current;
  private boolean gone;

  CloneCursor(Term term, Versioned<CloneRecord> current) {
    this.term = term;
    this.current = current;
  }

  Key<CloneRecord> key() {
    return current.key();
  }

  synchronized CloneRecord record() {
    return current.value();
  }

  /** See {@link Term#isUntouched}; what was READY under another name is not. */
  synchronized boolean isUntouched() {
    CloneRecord clone = current.value();
    boolean claimed = clone.getAssignment().getWarm() && !CloneRecords.isWarm(clone);
    return term.isUntouched(current) && !clone.getStatus().hasReadyTime() && !claimed;
  }

  synchronized CloneState state() {
    return gone ? CloneState.GONE : CloneRecords.state(current.value());
  }

  /**
   * Carries an event out: the new state and its effects in one transaction. False where the event
   * means nothing in the state that the record is in by now.
   */
  boolean apply(CloneEvent event, Optional<Fault> fault, UnaryOperator<CloneRecord> more) {
    return write(clone -> {
      Optional<Transition<CloneState, CloneEvent>> row = CloneRecords.transition(clone, event);
      return row.map(transition ->
          new Draft(
              more.apply(CloneRecords.after(clone, transition, fault, term.now())),
              transition.effects().contains(Effect.RELEASE_PORT),
              transition.effects().contains(Effect.REMOVE_RECORD),
              transition.effects().contains(Effect.SWITCH_DATA)
                  ? KeptData.of(term.view(), clone, term.now()).orElse(null)
                  : null));
    });
  }

  boolean apply(CloneEvent event) {
    return apply(event, Optional.empty(), UnaryOperator.identity());
  }

  /** Changes the record without a change of state; nothing is written where it stays the same. */
  void amend(UnaryOperator<CloneRecord> change) {
    write(clone -> {
      CloneRecord next = change.apply(clone);
      return next.equals(clone) ? Optional.empty() : Optional.of(Draft.of(next));
    });
  }

  /**
   * Its end, if its time is over still where others changed it meanwhile. Not now, where the view
   * does not have their change yet: whoever stands on a save of it has changed it too.
   */
  boolean expire(Predicate<CloneRecord> over) {
    return write(clone ->
        CloneRecords.transition(clone, CloneEvent.DELETE_ASKED)
            .filter(_ -> term.view().revision() >= current.modRevision() && over.test(clone))
            .map(row ->
                Draft.of(
                    Lifetimes.expired(
                        CloneRecords.after(clone, row, Optional.empty(), term.now()),
                        term.now()))));
  }

  /** It has grown over its limit; false where by now it has not, or holds other data. */
  boolean grewOver(String volume, long bytes) {
    return write(clone ->
        CloneRecords.transition(clone, CloneEvent.GREW_OVER)
            .filter(_ -> clone.getAssignment().getVolume().equals(volume))
            .filter(_ -> Growths.isOver(clone, bytes))
            .map(row -> {
              CloneRecord read = Growths.read(clone, bytes, term.now());
              Fault fault = Growths.over(clone, bytes);
              return Draft.of(CloneRecords.after(read, row, Optional.of(fault), term.now()));
            }));
  }

  /** Its instance is gone: what was asked for is reached, or is to be followed by a start. */
  void stopped() {
    write(clone -> {
      if (CloneRecords.state(clone) != CloneState.STOPPED) {
        return Optional.empty();
      }
      CloneRecord.Builder next = clone.toBuilder();
      if (clone.getWish().getRestart()) {
        next.getWishBuilder().clearRestart();
        Transition<CloneState, CloneEvent> start =
            CloneLifecycle.TABLE.require(CloneState.STOPPED, CloneEvent.START_ASKED);
        return Optional.of(
            Draft.of(CloneRecords.after(next.build(), start, Optional.empty(), term.now())));
      }
      next.getStatusBuilder().setObservedGeneration(clone.getMeta().getGeneration());
      return next.build().equals(clone) ? Optional.empty() : Optional.of(Draft.of(next.build()));
    });
  }

  /** The reason why it does not go on, for whoever looks at the clone meanwhile. */
  void note(Fault fault) {
    switch (state()) {
      case DELETING, RECOVERING, BROKEN, STOPPED -> {
        Failure failure = Failures.message(fault);
        amend(clone ->
            clone.toBuilder().setStatus(clone.getStatus().toBuilder().setFailure(failure)).build());
      }
      case PENDING, PROVISIONING, FAILING, READY, OVER_CAP, RESETTING, FAILED, GONE -> {}
    }
  }

  /**
   * Gives the clone another port; in one transaction with the keys of both. False where the record
   * or one of the keys changed meanwhile.
   */
  synchronized boolean movePort(int port) {
    CloneRecord clone = current.value();
    Optional<Versioned<PortRecord>> held = CloneRecords.heldPort(term.view(), clone);
    if (held.isEmpty()) {
      return false;
    }
    CloneRecord moved =
        clone.toBuilder().setAssignment(clone.getAssignment().toBuilder().setPort(port)).build();
    Txn txn =
        Txn.begin()
            .by(term.leadership())
            .update(current, moved)
            .delete(held.get())
            .create(Keys.port(clone.getAssignment().getHost(), port), held.get().value());
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        current = committed.written(current.key());
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

  /**
   * What is to be written.
   *
   * @param kept another clone, that has the data which this one had
   */
  private record Draft(
      CloneRecord next, boolean releasePort, boolean remove, @Nullable CloneRecord kept) {
    static Draft of(CloneRecord next) {
      return new Draft(next, false, false, null);
    }

    /** Without the record, which holds a password. */
    @Override
    public String toString() {
      return next.getMeta().getName();
    }
  }

  private interface Drafting {
    Optional<Draft> draft(CloneRecord clone);
  }

  private synchronized boolean write(Drafting drafting) {
    for (int i = 0; i < MAX_CONFLICTS && !gone; i++) {
      Optional<Draft> draft = drafting.draft(current.value());
      if (draft.isEmpty()) {
        return false;
      }
      switch (term.store().commit(transaction(draft.get()))) {
        case Outcome.Committed committed -> {
          gone = draft.get().remove();
          if (!gone) {
            current = committed.written(current.key());
          }
          term.wrote(committed.revision());
          return true;
        }
        case Outcome.Conflict conflict -> {
          refresh(conflict.current(current.key()));
          term.wrote(conflict.revision());
        }
        case Outcome.Deposed _ -> throw new Deposed();
      }
    }
    if (gone) {
      return false;
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "clone %s is being changed by somebody else"
            .formatted(current.value().getMeta().getName()));
  }

  private Txn transaction(Draft draft) {
    Txn txn = Txn.begin().by(term.leadership());
    txn = draft.remove() ? txn.delete(current) : txn.update(current, draft.next());
    if (draft.releasePort()) {
      Optional<? extends Versioned<?>> port = CloneRecords.heldPort(term.view(), current.value());
      if (port.isPresent()) {
        txn = txn.delete(port.get());
      }
    }
    return draft.kept() == null ? txn : CloneDrafts.create(txn, draft.kept());
  }

  private void refresh(Optional<Versioned<CloneRecord>> found) {
    String uid = current.value().getMeta().getUid();
    Optional<Versioned<CloneRecord>> same =
        found.filter(record -> record.value().getMeta().getUid().equals(uid));
    if (same.isPresent()) {
      current = same.get();
    } else {
      gone = true;
    }
  }
}
