package dev.ramet.coordinator.api;

import dev.ramet.coordinator.names.RevisionName;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.names.SaveName;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SavedData;
import java.util.Map;

/** What a clone is made from: a revision of an image, or a save of another clone. */
sealed interface CloneSource {
  /** As users write it: "app:7", "fix-123@before". */
  String name();

  String image();

  long revision();

  SavedData data();

  /** Id on the host. */
  String snapshot();

  /** Host to pool where it is. */
  Map<String, String> places();

  /** Refuses a limit that it does not fit into; 0: none. */
  void checkSize(long limitBytes);

  /** The transaction, which fails where this is not any more what it was. */
  Txn unchangedIn(Txn txn);

  private static void refuseLimitOnArray(String pool, long limit, String source) {
    new RequestCheck()
        .require(
            limit == 0 || SanPool.parse(pool).isEmpty(),
            "spec.size_limit_bytes",
            "the clones of %s are volumes of an array, which cannot be limited: leave it out"
                .formatted(source))
        .done();
  }

  static CloneSource ofRevision(View view, RevisionName name) {
    Versioned<RevisionRecord> revision = Lookups.readyRevision(view, name);
    return new OfRevision(
        revision,
        Lookups.image(view, revision.value().getImage()),
        RevisionRecords.places(view, revision.value()));
  }

  static CloneSource ofSave(View view, SaveName name) {
    return new OfSave(KeptSave.find(view, name));
  }

  /** Placed wherever there is a replica of it, or wherever its array can be reached. */
  record OfRevision(
      Versioned<RevisionRecord> record, Versioned<ImageRecord> of, Map<String, String> places)
      implements CloneSource {
    @Override
    public String name() {
      return RevisionRecords.name(record.value());
    }

    @Override
    public String image() {
      return record.value().getImage();
    }

    @Override
    public long revision() {
      return record.value().getNumber();
    }

    @Override
    public SavedData data() {
      return RevisionRecords.data(record.value());
    }

    @Override
    public String snapshot() {
      return RevisionRecords.snapshotId(record.value());
    }

    @Override
    public void checkSize(long limit) {
      RevisionRecord revision = record.value();
      refuseLimitOnArray(revision.getBuildPool(), limit, name());
      new RequestCheck()
          .require(
              limit <= revision.getVolumeBytes(),
              "spec.size_limit_bytes",
              "%d is more than the %d bytes of %s's volume"
                  .formatted(limit, revision.getVolumeBytes(), name()))
          .require(
              limit == 0 || limit >= revision.getDataBytes(),
              "spec.size_limit_bytes",
              "%d is less than the %d bytes that the data of %s take"
                  .formatted(limit, revision.getDataBytes(), name()))
          .done();
    }

    @Override
    public Txn unchangedIn(Txn txn) {
      return txn.unchanged(record).unchanged(of);
    }
  }

  /** Placed where the save is. */
  record OfSave(KeptSave kept) implements CloneSource {
    @Override
    public String name() {
      return kept.name();
    }

    @Override
    public String image() {
      return kept.record().getImage();
    }

    @Override
    public long revision() {
      return kept.record().getRevision();
    }

    @Override
    public SavedData data() {
      return kept.record().getData();
    }

    @Override
    public String snapshot() {
      return kept.record().getSnapshot();
    }

    @Override
    public Map<String, String> places() {
      return Map.of(kept.record().getHost(), kept.record().getPool());
    }

    /** How much its data take is not known: the agent refuses what does not fit. */
    @Override
    public void checkSize(long limit) {
      refuseLimitOnArray(kept.record().getPool(), limit, name());
    }

    @Override
    public Txn unchangedIn(Txn txn) {
      return kept.branchedIn(txn);
    }
  }
}
