package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.names.RevisionName;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.v1.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Looks at one operation: ends a delete whose target is gone, forgets one that was over long ago.
 */
final class OperationWorker {
  private final Term term;
  private final ReconcileSettings settings;

  OperationWorker(Term term, ReconcileSettings settings) {
    this.term = term;
    this.settings = settings;
  }

  Next work(Key<?> key) {
    Optional<Versioned<OperationRecord>> found = term.view().get(Keys.operation(key.name()));
    if (found.isEmpty()) {
      term.forget(key);
      return Next.whenever();
    }
    Operation operation = found.get().value().getOperation();
    Txn txn = Txn.begin().by(term.leadership());
    if (operation.getDone()) {
      Instant end = Times.instant(operation.getEndTime());
      if (Duration.between(end, term.now()).compareTo(settings.operationRetention()) < 0) {
        return Next.whenever();
      }
      txn = txn.delete(found.get());
    } else if (isFulfilled(term.view(), operation)) {
      OperationRecord over =
          OperationLog.ended(found.get().value(), Optional.empty(), term.now()).orElseThrow();
      txn = txn.update(found.get(), over);
    } else {
      return Next.whenever();
    }
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        term.wrote(committed.revision());
        yield Next.whenever();
      }
      case Outcome.Conflict _ -> Next.after(Duration.ofMillis(200));
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }

  private static boolean isFulfilled(View view, Operation operation) {
    return switch (operation.getKind()) {
      case DELETE_IMAGE -> view.get(Keys.image(operation.getTarget())).isEmpty();
      case DELETE_HOST -> !HostViews.isRemoved(view, operation.getTarget());
      case DELETE_REVISION ->
          RevisionName.parse(operation.getTarget())
              .map(name -> view.get(Keys.revision(name.image(), name.number().orElse(1))).isEmpty())
              .orElse(true);
      // A build ends together with its revision's state; without a revision there is nobody to end
      // it.
      case BUILD_IMAGE ->
          RevisionName.parse(operation.getTarget())
              .map(name -> view.get(Keys.revision(name.image(), name.number().orElse(1))).isEmpty())
              .orElse(true);
      case KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }
}
