package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.CreateSaveRequest;
import dev.ramet.proto.v1.DeleteSaveRequest;
import dev.ramet.proto.v1.DeleteSaveResponse;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.ListSavesResponse;
import dev.ramet.proto.v1.Save;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Points of clones that are kept. What is wanted is recorded; the leader makes it so, and the
 * caller waits for that.
 */
final class Saves {
  private static final int MAX_ATTEMPTS = 8;
  private static final int MAX_MESSAGE = 1000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Records records;
  private final OwnBytes own;
  private final CloneLookup clones;
  private final SecureRandom random = new SecureRandom();

  Saves(Records records, OwnBytes own) {
    this.records = records;
    this.own = own;
    this.clones = new CloneLookup(records);
  }

  Save create(CreateSaveRequest request) {
    new RequestCheck()
        .name("clone", request.getClone())
        .name("name", request.getName())
        .plainText("message", request.getMessage(), MAX_MESSAGE)
        .uuidOrEmpty("request_id", request.getRequestId())
        .done();
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Versioned<CloneRecord> clone = clones.findKept(request.getClone());
      Key<SaveRecord> key = key(clone.value(), request.getName());
      Optional<Versioned<SaveRecord>> existing = records.view().get(key);
      if (existing.isPresent() && !existing.get().value().hasFailure()) {
        Lookups.requireKept(
            existing.get().value().getMeta().hasDeleteTime(),
            "save %s@%s".formatted(request.getClone(), request.getName()));
        requireSame(existing.get().value(), request);
        return awaitKept(key);
      }
      if (record(clone, key, existing, request)) {
        return awaitKept(key);
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "clone %s keeps changing: try again".formatted(request.getClone()));
  }

  /** Another save by that name: whoever asks must not believe that the present data were kept. */
  private static void requireSame(SaveRecord existing, CreateSaveRequest request) {
    boolean same =
        !request.getRequestId().isEmpty() && existing.getRequestId().equals(request.getRequestId());
    if (!same) {
      throw ErrorCode.SAVE_EXISTS.exception(
          "there is a save %s@%s already, of %s: take another name, or delete it first"
              .formatted(
                  request.getClone(),
                  request.getName(),
                  Times.instant(existing.getMeta().getCreateTime())));
    }
  }

  private boolean record(
      Versioned<CloneRecord> clone,
      Key<SaveRecord> key,
      Optional<Versioned<SaveRecord>> failed,
      CreateSaveRequest request) {
    SaveRecord save = draft(clone.value(), request);
    Txn txn = Txn.begin().update(clone, clone.value()); // a reset under way notices
    txn = failed.isPresent() ? txn.update(failed.get(), save) : txn.create(key, save);
    return switch (records.commit(txn)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield true;
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield false;
      }
    };
  }

  private SaveRecord draft(CloneRecord clone, CreateSaveRequest request) {
    CloneState state = CloneRecords.state(clone);
    if (!canBeSaved(state)) {
      throw clones.notNow(clone, "saved");
    }
    CloneAssignment place = clone.getAssignment();
    String uid = Uids.next(random);
    SaveRecord.Builder draft = SaveRecord.newBuilder();
    addParent(draft, clone);
    return draft
        .setMeta(
            Meta.newBuilder()
                .setName(request.getName())
                .setUid(uid)
                .setGeneration(1)
                .setCreateTime(Times.message(records.now())))
        .setRequestId(request.getRequestId())
        .setClone(clone.getMeta().getName())
        .setCloneUid(clone.getMeta().getUid())
        .setHost(place.getHost())
        .setPool(place.getPool())
        .setSnapshot(new HostId.OfSave(request.getName(), uid).text())
        .setVolume(place.getVolume())
        .setMessage(request.getMessage())
        .setClean(state == CloneState.STOPPED)
        .setImage(place.getImage())
        .setRevision(place.getRevision())
        .setData(place.getData())
        .build();
  }

  private static boolean canBeSaved(CloneState state) {
    return state == CloneState.READY || state == CloneState.STOPPED || state == CloneState.OVER_CAP;
  }

  /** The newest save of the same data, or what the data began as. */
  private void addParent(SaveRecord.Builder draft, CloneRecord clone) {
    View view = records.view();
    SaveRecords.of(view, clone).stream()
        .map(Versioned::value)
        .filter(save -> save.getVolume().equals(clone.getAssignment().getVolume()))
        .reduce((_, later) -> later)
        .ifPresentOrElse(
            save ->
                draft.setParent(SaveRecords.name(view, save)).setParentSnapshot(save.getSnapshot()),
            () ->
                draft
                    .setParent(SaveRecords.origin(view, clone))
                    .setParentSnapshot(clone.getAssignment().getSnapshot()));
  }

  /** The clone with this uid is being deleted, or gone. */
  private boolean isGoing(String uid) {
    return records.view().list(Kind.CLONE).stream()
        .map(Versioned::value)
        .filter(clone -> clone.getMeta().getUid().equals(uid))
        .allMatch(clone -> clone.getMeta().hasDeleteTime());
  }

  private Save awaitKept(Key<SaveRecord> key) {
    Optional<Versioned<SaveRecord>> save =
        Waits.until(
            records,
            key,
            found -> found.isEmpty() || found.get().value().getReady() || hasFailed(found.get()),
            PATIENCE);
    SaveRecord record =
        save.map(Versioned::value)
            .orElseThrow(
                () -> ErrorCode.SAVE_NOT_FOUND.exception("the save was deleted while it was made"));
    if (record.hasFailure() && isGoing(key.names().getFirst())) {
      throw ErrorCode.BEING_DELETED.exception(
          "the clone was deleted while %s was made: there is nothing to keep"
              .formatted(SaveRecords.name(records.view(), record)));
    }
    if (record.hasFailure()) {
      throw ErrorCode.SAVE_FAILED.exception(
          "%s could not be kept: %s"
              .formatted(
                  SaveRecords.name(records.view(), record), record.getFailure().getMessage()));
    }
    if (!record.getReady()) {
      throw ErrorCode.SAVE_NOT_READY.exception(
          "%s is not kept yet after %s; it goes on, see ramet clone log %s"
              .formatted(
                  SaveRecords.name(records.view(), record),
                  Durations.text(PATIENCE),
                  SaveRecords.ownerName(records.view(), record)));
    }
    return message(records.view(), record);
  }

  private static boolean hasFailed(Versioned<SaveRecord> save) {
    return save.value().hasFailure();
  }

  ListSavesResponse list(ListSavesRequest request) {
    new RequestCheck().nameOrEmpty("clone", request.getClone()).done();
    View view = records.view();
    List<Versioned<SaveRecord>> saves =
        request.getClone().isEmpty()
            ? view.list(Kind.SAVE)
            : SaveRecords.of(view, CloneLookup.find(view, request.getClone()).value());
    Map<OwnBytes.Thing, Long> sizes = request.getSizes() ? sizes(view, saves) : Map.of();
    ListSavesResponse.Builder answer = ListSavesResponse.newBuilder();
    for (Versioned<SaveRecord> save : saves) {
      Save.Builder shown = answer.addSavesBuilder().mergeFrom(message(view, save.value()));
      Optional.ofNullable(sizes.get(snapshot(save.value()))).ifPresent(shown::setOwnBytes);
    }
    return answer.build();
  }

  private Map<OwnBytes.Thing, Long> sizes(View view, List<Versioned<SaveRecord>> saves) {
    return own.of(
        view,
        saves.reversed().stream() // the newest, where there are too many
            .map(Versioned::value)
            .filter(SaveRecord::getReady)
            .map(Saves::snapshot)
            .toList());
  }

  private static OwnBytes.Thing snapshot(SaveRecord save) {
    return new OwnBytes.Snapshot(save.getHost(), save.getPool(), save.getSnapshot());
  }

  DeleteSaveResponse delete(DeleteSaveRequest request) {
    new RequestCheck().name("clone", request.getClone()).name("name", request.getName()).done();
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Key<SaveRecord> key = key(clones.find(request.getClone()).value(), request.getName());
      Optional<Versioned<SaveRecord>> save = records.find(key);
      View view = records.view();
      if (save.isEmpty()) {
        return DeleteSaveResponse.newBuilder().setMissing(true).build();
      }
      if (marked(view, save.get())) {
        Optional<Versioned<SaveRecord>> left =
            Waits.until(records, key, Optional::isEmpty, PATIENCE);
        if (left.isPresent()) {
          throw ErrorCode.BEING_DELETED.exception(
              "%s is not gone after %s; the deletion goes on"
                  .formatted(SaveRecords.name(view, left.get().value()), Durations.text(PATIENCE)));
        }
        return DeleteSaveResponse.getDefaultInstance();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "save %s@%s keeps changing: try again".formatted(request.getClone(), request.getName()));
  }

  /** A clone that is made from it changes it: it is in the view, or our write fails. */
  private boolean marked(View view, Versioned<SaveRecord> save) {
    SaveRecord record = save.value();
    if (record.getMeta().hasDeleteTime()) {
      return true;
    }
    List<String> branches = SaveRecords.branches(view, record);
    if (!branches.isEmpty()) {
      throw ErrorCode.SAVE_HAS_BRANCHES.exception(
          "save %s is what these clones were made from: %s; delete them first"
              .formatted(SaveRecords.name(view, record), Rejections.listed(branches, "")));
    }
    SaveRecord.Builder next = record.toBuilder();
    next.getMetaBuilder().setDeleteTime(Times.message(records.now()));
    Outcome.OfAnybody outcome = records.commit(Txn.begin().update(save, next.build()));
    records.catchUp(
        switch (outcome) {
          case Outcome.Committed committed -> committed.revision();
          case Outcome.Conflict conflict -> conflict.revision();
        });
    return outcome instanceof Outcome.Committed;
  }

  static Save message(View view, SaveRecord save) {
    return Save.newBuilder()
        .setName(save.getMeta().getName())
        .setClone(SaveRecords.ownerName(view, save))
        .setUid(save.getMeta().getUid())
        .setMessage(save.getMessage())
        .setCreateTime(save.getMeta().getCreateTime())
        .setParent(SaveRecords.parent(view, save))
        .setHost(save.getHost())
        .addAllBranches(SaveRecords.branches(view, save))
        .setDeleting(SaveRecords.isToGo(view, save))
        .setClean(save.getClean())
        .build();
  }

  private static Key<SaveRecord> key(CloneRecord clone, String save) {
    return Keys.save(clone.getMeta().getUid(), save);
  }
}
