package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.Revision;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Records that an image or a revision is to go.
 *
 * <p>A clone may be created at the same moment. Its transaction fails once the revision has
 * changed; the one that was first is seen by looking again after our own write, which is taken back
 * then. The reconciler removes no snapshot that a clone needs either way.
 */
final class ImageDeletions {
  private static final int MAX_ATTEMPTS = 8;

  private final Records records;

  ImageDeletions(Records records) {
    this.records = records;
  }

  Operation deleteImage(String name) {
    return repeated(() -> attemptImage(name), "image " + name);
  }

  Operation deleteRevision(String image, long number) {
    return repeated(() -> attemptRevision(image, number), image + ":" + number);
  }

  private static Operation repeated(Supplier<Optional<Operation>> attempt, String what) {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Operation> made = attempt.get();
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception("%s keeps changing: try again".formatted(what));
  }

  private Optional<Operation> attemptImage(String name) {
    View view = records.view();
    Optional<Versioned<ImageRecord>> image = view.get(Keys.image(name));
    if (image.isEmpty()) {
      return Optional.of(Operations.done(Operation.Kind.DELETE_IMAGE, name, records.now()));
    }
    if (image.get().value().getMeta().hasDeleteTime()) {
      return Optional.of(Operations.running(view, Operation.Kind.DELETE_IMAGE, name));
    }
    refuseDependants(view, name, view.list(Kind.REVISION, name));
    Instant now = records.now();
    String id = Operations.newId();
    ImageRecord.Builder next = image.get().value().toBuilder();
    next.getMetaBuilder().setDeleteTime(Times.message(now));
    Txn txn =
        Txn.begin()
            .update(image.get(), next.build())
            .create(
                Keys.operation(id), Operations.record(id, Operation.Kind.DELETE_IMAGE, name, now));
    Optional<Operation> made = commit(txn, id);
    if (made.isPresent()) {
      takeBackImageIfNeeded(name, id);
    }
    return made;
  }

  /**
   * A clone that was recorded right before our own write is in the view by now. None comes after
   * it: creating one asks for the image to be unchanged.
   *
   * <p>The reconciler marks revisions, in order, only while the image is unchanged and none of them
   * has clones: either it marks the first one, or the deletion is taken back.
   */
  private void takeBackImageIfNeeded(String name, String operation) {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      View view = records.view();
      List<Versioned<RevisionRecord>> revisions = view.list(Kind.REVISION, name);
      Optional<Versioned<ImageRecord>> image =
          view.get(Keys.image(name)).filter(record -> record.value().getMeta().hasDeleteTime());
      if (image.isEmpty() || clonesByName(view, revisions).isEmpty()) {
        return;
      }
      switch (records.commit(takingBack(image.get(), revisions))) {
        case Outcome.Committed committed -> {
          records.catchUp(committed.revision());
          forget(view, operation);
          refuseDependants(view, name, revisions);
          return;
        }
        case Outcome.Conflict conflict -> records.catchUp(conflict.revision());
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "image %s keeps changing: see whether it is still there".formatted(name));
  }

  private static Txn takingBack(
      Versioned<ImageRecord> image, List<Versioned<RevisionRecord>> revisions) {
    ImageRecord.Builder kept = image.value().toBuilder();
    kept.getMetaBuilder().clearDeleteTime();
    Txn txn = Txn.begin().update(image, kept.build());
    Optional<Versioned<RevisionRecord>> first =
        revisions.stream()
            .filter(revision -> !revision.value().getMeta().hasDeleteTime())
            .findFirst();
    return first.isPresent() ? txn.unchanged(first.get()) : txn;
  }

  private void forget(View view, String operation) {
    view.get(Keys.operation(operation))
        .ifPresent(record -> records.commit(Txn.begin().delete(record)));
  }

  private Optional<Operation> attemptRevision(String image, long number) {
    View view = records.view();
    String name = image + ":" + number;
    Optional<Versioned<RevisionRecord>> revision = view.get(Keys.revision(image, number));
    if (revision.isEmpty()) {
      return Optional.of(Operations.done(Operation.Kind.DELETE_REVISION, name, records.now()));
    }
    if (revision.get().value().getMeta().hasDeleteTime()) {
      return Optional.of(Operations.running(view, Operation.Kind.DELETE_REVISION, name));
    }
    refuseDependants(view, name, List.of(revision.get()));
    Instant now = records.now();
    String id = Operations.newId();
    RevisionRecord.Builder next = revision.get().value().toBuilder();
    next.getMetaBuilder().setDeleteTime(Times.message(now));
    Txn txn =
        Txn.begin()
            .update(revision.get(), next.build())
            .create(
                Keys.operation(id),
                Operations.record(id, Operation.Kind.DELETE_REVISION, name, now));
    Optional<Operation> made = commit(txn, id);
    if (made.isPresent()) {
      takeBackIfNeeded(revision.get(), id);
    }
    return made;
  }

  /**
   * A clone that was recorded right before our own write is in the view by now.
   *
   * <p>The reconciler, where it sees none any more, writes DELETING before it removes anything;
   * this asks for the record to be as it was seen here. So either nothing was removed and all of it
   * is taken back, or it goes.
   */
  private void takeBackIfNeeded(Versioned<RevisionRecord> doomed, String operation) {
    String name = RevisionRecords.name(doomed.value());
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      View view = records.view();
      Optional<Versioned<RevisionRecord>> revision =
          view.get(doomed.key()).filter(found -> canBeKept(found.value(), doomed.value()));
      if (revision.isEmpty() || clonesByName(view, List.of(revision.get())).isEmpty()) {
        return;
      }
      RevisionRecord.Builder kept = revision.get().value().toBuilder();
      kept.getMetaBuilder().clearDeleteTime();
      switch (records.commit(Txn.begin().update(revision.get(), kept.build()))) {
        case Outcome.Committed committed -> {
          records.catchUp(committed.revision());
          forget(view, operation);
          refuseDependants(view, name, List.of(revision.get()));
          return;
        }
        case Outcome.Conflict conflict -> records.catchUp(conflict.revision());
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "%s keeps changing: see whether it is still there".formatted(name));
  }

  private static boolean canBeKept(RevisionRecord now, RevisionRecord doomed) {
    return now.getMeta().getUid().equals(doomed.getMeta().getUid())
        && now.getMeta().hasDeleteTime()
        && now.getState() != Revision.State.DELETING;
  }

  private Optional<Operation> commit(Txn txn, String operation) {
    return switch (records.commit(txn)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(committed.written(Keys.operation(operation)).value().getOperation());
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  private static void refuseDependants(
      View view, String what, List<Versioned<RevisionRecord>> revisions) {
    Map<String, String> clones = clonesByName(view, revisions);
    if (!clones.isEmpty()) {
      throw new FaultException(
          ErrorCode.IMAGE_HAS_CLONES
              .fault(
                  "%s has clones: %s; delete them first"
                      .formatted(what, Rejections.listed(List.copyOf(clones.keySet()), "none")))
              .withMetadata(Map.of("clones", String.join(",", clones.keySet()))));
    }
  }

  /** Clone to the revision that it needs. Warm ones go with it. */
  private static Map<String, String> clonesByName(
      View view, List<Versioned<RevisionRecord>> revisions) {
    Map<String, String> clones = new TreeMap<>();
    for (Versioned<RevisionRecord> revision : revisions) {
      String name = RevisionRecords.name(revision.value());
      RevisionRecords.clonesOf(view, revision.value().getImage(), revision.value().getNumber())
          .stream()
          .filter(clone -> !WarmName.is(clone))
          .forEach(clone -> clones.put(clone, name));
    }
    return clones;
  }
}
