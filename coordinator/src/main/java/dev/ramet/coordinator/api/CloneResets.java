package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.names.DnsLabel;
import dev.ramet.coordinator.names.RevisionName;
import dev.ramet.coordinator.names.SaveName;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.coordinator.records.Resets;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ResetWish;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.store.v1.SavedData;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.ResetCloneRequest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Records that a clone is to begin again from another point of an image or of its own past: one
 * transaction, in which that point is still what was looked at.
 */
final class CloneResets {
  private static final int MAX_ATTEMPTS = 8;
  private static final String LATEST = "latest";

  private final Records records;
  private final CloneGuard guard;
  private final CloneWishes wishes;
  private final CloneLookup clones;
  private final SecureRandom random = new SecureRandom();

  CloneResets(Records records, CloneGuard guard, CloneWishes wishes) {
    this.records = records;
    this.guard = guard;
    this.wishes = wishes;
    this.clones = new CloneLookup(records);
  }

  /** Where the new data come from: what it is called, and what must not change meanwhile. */
  private record Target(ResetWish wish, UnaryOperator<Txn> unchanged) {
    @Override
    public String toString() {
      return wish.getOrigin();
    }
  }

  Clone reset(ResetCloneRequest request) {
    new RequestCheck()
        .name("name", request.getName())
        .require(
            request.getTo().isEmpty()
                || SaveName.parse(request.getTo()).isPresent()
                || RevisionName.parse(request.getTo()).isPresent(),
            "to",
            "%s is neither 'latest' nor 'image:revision' nor 'clone@save'"
                .formatted(DnsLabel.quote(request.getTo())))
        .nameOrEmpty("keep_as", request.getKeepAs())
        .done();
    guard.require(clones.findKept(request.getName()).value(), request.getForce(), "reset");
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Clone> recorded = attempt(request);
      if (recorded.isPresent()) {
        return recorded.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "clone %s keeps changing: try again".formatted(request.getName()));
  }

  private Optional<Clone> attempt(ResetCloneRequest request) {
    Versioned<CloneRecord> clone = clones.findKept(request.getName());
    View view = records.viewAt(clone.modRevision()); // a save that began before has its record
    requirePossible(view, clone.value());
    guard.requireUnprotected(clone.value(), request.getForce(), "reset");
    if (!request.getKeepAs().isEmpty()) {
      CloneLookup.requireFree(view, request.getKeepAs());
    }
    Target target = target(view, clone.value(), request.getTo());
    CloneRecord next = begun(clone.value(), target.wish(), request);
    Txn txn = target.unchanged().apply(Txn.begin().update(clone, next));
    return switch (records.commit(txn)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(
            CloneMessages.clone(records.view(), committed.written(Keys.clone(request.getName()))));
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  private void requirePossible(View view, CloneRecord clone) {
    String name = clone.getMeta().getName();
    SaveRecords.of(view, clone).stream()
        .map(Versioned::value)
        .filter(SaveRecords::isPending)
        .findFirst()
        .ifPresent(save -> {
          throw ErrorCode.SAVE_NOT_READY.exception(
              "%s is being made of the data that a reset takes away: try again when it is kept"
                  .formatted(SaveRecords.name(view, save)));
        });
    if (CloneRecords.state(clone) == CloneState.RESETTING) {
      throw ErrorCode.CONCURRENT_CHANGE.exception(
          "clone %s is being reset to %s already: wait for that"
              .formatted(name, clone.getWish().getReset().getOrigin()));
    }
    if (CloneRecords.state(clone) == CloneState.STOPPED) {
      throw ErrorCode.CLONE_NOT_READY.exception(
          "clone %s is stopped: start it first, with ramet clone start %s".formatted(name, name));
    }
    if (CloneRecords.transition(clone, CloneEvent.RESET_ASKED).isEmpty()) {
      throw clones.notNow(clone, "reset");
    }
  }

  private CloneRecord begun(CloneRecord clone, ResetWish wish, ResetCloneRequest request) {
    Instant now = records.now();
    CloneRecord.Builder next =
        CloneRecords.asked(
            clone, CloneRecords.transition(clone, CloneEvent.RESET_ASKED).orElseThrow(), now)
            .toBuilder();
    ResetWish.Builder keeping = wish.toBuilder().setKeepAs(request.getKeepAs());
    if (!request.getKeepAs().isEmpty()) {
      keeping.setKeepUid(Uids.next(random));
    }
    Resets.begin(next, keeping.build(), now);
    if (request.hasAddTtl()) {
      Instant end =
          Lifetimes.ttlEnd(clone)
              .orElseThrow(() -> CloneWishes.livesForEver(clone))
              .plus(Times.duration(request.getAddTtl()));
      wishes.setEnd(next, "add_ttl", end, now);
    }
    return next.build();
  }

  private Target target(View view, CloneRecord clone, String to) {
    String reference = to.isEmpty() ? begin(view, clone) : to;
    if (to.equals(LATEST)) {
      reference = clone.getAssignment().getImage();
    }
    Optional<SaveName> save = SaveName.parse(reference);
    return save.isPresent()
        ? ofSave(view, clone, save.get())
        : ofRevision(view, clone, RevisionName.parse(reference).orElseThrow());
  }

  /** What its data began as: a save is found by its snapshot, whatever it is called now. */
  private static String begin(View view, CloneRecord clone) {
    String origin = CloneRecords.origin(clone);
    return SaveName.parse(origin).isEmpty()
        ? origin
        : SaveRecords.withSnapshot(view, clone.getAssignment().getSnapshot())
            .map(save -> SaveRecords.name(view, save.value()))
            .orElseThrow(() ->
                ErrorCode.SAVE_NOT_FOUND.exception(
                    "%s, which the data of clone %s began as, is gone: say what to reset it to"
                        .formatted(origin, clone.getMeta().getName())));
  }

  private static Target ofSave(View view, CloneRecord clone, SaveName name) {
    KeptSave kept = KeptSave.find(view, name);
    SaveRecord save = kept.record();
    CloneAssignment place = clone.getAssignment();
    if (!save.getHost().equals(place.getHost()) || !save.getPool().equals(place.getPool())) {
      throw ErrorCode.NO_REPLICA.exception(
          "%s is on host %s and clone %s on host %s: make a clone of it with --from"
              .formatted(name.text(), save.getHost(), clone.getMeta().getName(), place.getHost()));
    }
    requireSameEngine(clone, name.text(), save.getData());
    return new Target(
        wish(clone)
            .setSnapshot(save.getSnapshot())
            .setImage(save.getImage())
            .setRevision(save.getRevision())
            .setOrigin(name.text())
            .setData(save.getData())
            .build(),
        kept::branchedIn);
  }

  private static Target ofRevision(View view, CloneRecord clone, RevisionName name) {
    Versioned<RevisionRecord> revision = Lookups.readyRevision(view, name);
    RevisionRecord record = revision.value();
    CloneAssignment place = clone.getAssignment();
    boolean there =
        place.getPool().equals(RevisionRecords.places(view, record).get(place.getHost()));
    if (!there) {
      throw ErrorCode.NO_REPLICA.exception(
          "host %s of clone %s has no ready replica of %s: make a clone of it on another host"
              .formatted(place.getHost(), clone.getMeta().getName(), RevisionRecords.name(record)));
    }
    SavedData data = RevisionRecords.data(record);
    requireSameEngine(clone, RevisionRecords.name(record), data);
    return new Target(
        wish(clone)
            .setSnapshot(RevisionRecords.snapshotId(record))
            .setImage(record.getImage())
            .setRevision(record.getNumber())
            .setOrigin(RevisionRecords.name(record))
            .setData(data)
            .build(),
        txn -> txn.unchanged(revision));
  }

  /** What runs the clone has to run the new data too. */
  private static void requireSameEngine(CloneRecord clone, String name, SavedData data) {
    SavedData now = clone.getAssignment().getData();
    boolean same =
        data.getEngine().equals(now.getEngine())
            && data.getEngineVersion().equals(now.getEngineVersion());
    if (!same) {
      throw ErrorCode.ENGINE_VERSION_MISSING.exception(
          "%s is %s %s and clone %s runs %s %s: make a new clone of it"
              .formatted(
                  name,
                  data.getEngine(),
                  data.getEngineVersion(),
                  clone.getMeta().getName(),
                  now.getEngine(),
                  now.getEngineVersion()));
    }
  }

  private static ResetWish.Builder wish(CloneRecord clone) {
    return ResetWish.newBuilder().setVolume(CloneRecords.nextVolume(clone));
  }
}
