package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Replica;
import java.util.Optional;

/** Whether a record stands behind something that a host holds. */
final class Expectations {
  private final Store store;

  Expectations(Store store) {
    this.store = store;
  }

  /** By the view: for reporting. */
  static boolean isExpected(View view, String host, HostId id) {
    if (hidden(view, id)) {
      return true;
    }
    return switch (id) {
      case HostId.OfClone(String name, String uid) ->
          wants(view.get(Keys.clone(name)).map(Versioned::value), host, uid);
      case HostId.OfSnapshot(String image, long number, String uid) ->
          wantsSnapshot(view.get(Keys.revision(image, number)).map(Versioned::value), host, uid);
      case HostId.OfBuild(String image, long number, String uid) ->
          wantsBuild(view.get(Keys.revision(image, number)).map(Versioned::value), host, uid);
    };
  }

  /** By etcd itself: for removing. Throws where the record is there and cannot be read. */
  boolean isUnwanted(String host, HostId id) {
    return switch (id) {
      case HostId.OfClone(String name, String uid) ->
          !wants(store.get(Keys.clone(name)).map(Versioned::value), host, uid);
      case HostId.OfSnapshot(String image, long number, String uid) ->
          !wantsSnapshot(store.get(Keys.revision(image, number)).map(Versioned::value), host, uid);
      case HostId.OfBuild(String image, long number, String uid) ->
          !wantsBuild(store.get(Keys.revision(image, number)).map(Versioned::value), host, uid);
    };
  }

  /** A record that this version cannot read may want anything. */
  private static boolean hidden(View view, HostId id) {
    String path =
        switch (id) {
          case HostId.OfClone clone -> Keys.clone(clone.name()).path();
          case HostId.OfSnapshot snapshot ->
              Keys.revision(snapshot.image(), snapshot.number()).path();
          case HostId.OfBuild build -> Keys.revision(build.image(), build.number()).path();
        };
    return view.unreadable().stream().anyMatch(record -> record.path().equals(path));
  }

  /** A clone that is being removed is wanted too: its own worker sees to it. */
  private static boolean wants(Optional<CloneRecord> clone, String host, String uid) {
    return clone
        .filter(record -> record.getMeta().getUid().equals(uid))
        .filter(record -> record.getAssignment().getHost().equals(host))
        .filter(record -> CloneRecords.state(record) != CloneState.FAILED)
        .isPresent();
  }

  private static boolean wantsSnapshot(Optional<RevisionRecord> revision, String host, String uid) {
    return sameAndAlive(revision, uid)
        .filter(record ->
            (record.getBuildHost().equals(host) && !record.hasReadyTime())
                || RevisionRecords.replica(record, host)
                    .filter(replica -> replica.getState() != Replica.State.DELETING)
                    .isPresent())
        .isPresent();
  }

  private static boolean wantsBuild(Optional<RevisionRecord> revision, String host, String uid) {
    return sameAndAlive(revision, uid)
        .filter(record -> record.getBuildHost().equals(host) && !record.hasReadyTime())
        .isPresent();
  }

  private static Optional<RevisionRecord> sameAndAlive(
      Optional<RevisionRecord> revision, String uid) {
    return revision
        .filter(record -> record.getMeta().getUid().equals(uid))
        .filter(record -> RevisionRecords.state(record) != RevisionState.FAILED);
  }
}
