package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.Operation;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the record of a host that was declared lost, once no clone and no revision is on it any
 * more: their own workers see to that.
 */
final class HostRemoval {
  private static final Logger log = LoggerFactory.getLogger(HostRemoval.class);
  private static final Duration SOON = Duration.ofMillis(200);

  private final Term term;

  HostRemoval(Term term) {
    this.term = term;
  }

  Next work(Versioned<HostRecord> host) {
    String name = host.key().name();
    if (isInUse(term.view(), name)) {
      return Next.after(SOON);
    }
    Txn txn =
        OperationLog.endingDeletion(
            Txn.begin().by(term.leadership()).delete(host), term, Operation.Kind.DELETE_HOST, name);
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        log.atWarn().addKeyValue("host", name).log("host is removed: it was declared lost");
        term.wrote(committed.revision());
        yield Next.whenever();
      }
      case Outcome.Conflict _ -> Next.after(SOON);
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }

  private static boolean isInUse(View view, String host) {
    return !HostViews.clonesOn(view, host).isEmpty()
        || view.list(Kind.REVISION).stream()
            .anyMatch(revision -> RevisionRecords.isOn(revision.value(), host));
  }
}
