package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Looks at one image: keeps its warm pool. Where it is to go, that goes first, then its revisions,
 * then its record.
 */
final class ImageWorker {
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Term term;

  private final PoolWorker pools;

  ImageWorker(Term term, PoolWorker pools) {
    this.term = term;
    this.pools = pools;
  }

  Next work(Key<?> key) {
    Optional<Versioned<ImageRecord>> found = term.view().get(Keys.image(key.name()));
    if (found.isEmpty()) {
      pools.forget(key.name());
      return Next.whenever();
    }
    Next pool = pools.work(found.get());
    if (!found.get().value().getMeta().hasDeleteTime()) {
      return pool;
    }
    List<Versioned<RevisionRecord>> revisions = term.view().list(Kind.REVISION, key.name());
    if (revisions.isEmpty()) {
      return remove(found.get());
    }
    if (revisions.stream().noneMatch(this::hasClones)) {
      markDeleted(found.get(), revisions);
    }
    return Next.after(SOON);
  }

  private boolean hasClones(Versioned<RevisionRecord> revision) {
    RevisionRecord record = revision.value();
    return !RevisionRecords.clonesOf(term.view(), record.getImage(), record.getNumber()).isEmpty();
  }

  /**
   * Once the first is marked, the image's deletion cannot be taken back: both transactions ask for
   * the image and that revision to be unchanged.
   */
  private void markDeleted(
      Versioned<ImageRecord> image, List<Versioned<RevisionRecord>> revisions) {
    for (Versioned<RevisionRecord> revision : revisions) {
      if (!revision.value().getMeta().hasDeleteTime() && !markDeleted(image, revision)) {
        return;
      }
    }
  }

  private Next remove(Versioned<ImageRecord> image) {
    Txn txn =
        OperationLog.endingDeletion(
            Txn.begin().leading(term.leadership()).delete(image),
            term,
            Operation.Kind.DELETE_IMAGE,
            image.key().name());
    return switch (term.store().commit(txn)) {
      case Outcome.Committed committed -> {
        term.wrote(committed.revision());
        yield Next.whenever();
      }
      case Outcome.Conflict _ -> Next.after(SOON);
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }

  private boolean markDeleted(Versioned<ImageRecord> image, Versioned<RevisionRecord> revision) {
    RevisionRecord.Builder next = revision.value().toBuilder();
    next.getMetaBuilder().setDeleteTime(Times.message(term.now()));
    Txn txn =
        Txn.begin().leading(term.leadership()).unchanged(image).update(revision, next.build());
    return switch (term.store().commit(txn)) {
      case Outcome.Committed _ -> true;
      case Outcome.Conflict _ -> false;
      case Outcome.Deposed _ -> throw new Deposed();
    };
  }
}
