package dev.ramet.coordinator.records;

import com.google.protobuf.Message;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.store.AllRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.UnreadableRecord;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Replica;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which ids the records want on one host. A clone's and a save's are those that the records name,
 * whatever name is in the id: a clone may have been renamed, or reset to another volume.
 *
 * <p>A record that this version cannot read may want anything of its kind: while there is one, ids
 * of that kind are protected.
 */
public final class Expectations {
  private static final String CLONES = Keys.ROOT + "clones/";
  private static final String SAVES = Keys.ROOT + "saves/";

  private final Set<String> wanted;
  private final Set<String> unreadable;

  private Expectations(Set<String> wanted, Set<String> unreadable) {
    this.wanted = wanted;
    this.unreadable = unreadable;
  }

  /** By the view: for reporting. */
  public static Expectations of(View view, String host) {
    return of(
        host,
        values(view.list(Kind.CLONE)),
        values(view.list(Kind.SAVE)),
        values(view.list(Kind.REVISION)),
        view.unreadable().stream().map(UnreadableRecord::path).toList());
  }

  static Expectations of(
      String host,
      List<CloneRecord> clones,
      List<SaveRecord> saves,
      List<RevisionRecord> revisions,
      Collection<String> unreadable) {
    Set<String> wanted = new HashSet<>();
    clones.stream()
        .filter(clone -> wants(clone, host))
        .map(CloneRecords::hostIds)
        .forEach(wanted::addAll);
    saves.stream()
        .filter(save -> save.getHost().equals(host))
        .map(SaveRecord::getSnapshot)
        .forEach(wanted::add);
    revisions.stream().flatMap(revision -> ids(revision, host)).forEach(wanted::add);
    return new Expectations(wanted, Set.copyOf(unreadable));
  }

  /**
   * By etcd itself, about one id: for removing it.
   *
   * <p>Cost: all records of clones and saves are read.
   *
   * <p>On failure: {@link StoreException}, where etcd does not answer or the revision's record
   * cannot be read.
   */
  public static Expectations read(Store store, String host, HostId id) {
    AllRecords<CloneRecord> clones = store.all(Kind.CLONE);
    AllRecords<SaveRecord> saves = store.all(Kind.SAVE);
    return of(
        host,
        values(clones.records()),
        values(saves.records()),
        revision(id).flatMap(store::get).map(Versioned::value).stream().toList(),
        Stream.of(clones.unreadable(), saves.unreadable()).flatMap(List::stream).toList());
  }

  /** A record wants it, or may. */
  public boolean keeps(HostId id) {
    return wants(id) || protects(id);
  }

  /** A record names it, and is not done with it. */
  public boolean wants(HostId id) {
    return wanted.contains(id.text());
  }

  /** There is a record that cannot be read and may want it. */
  public boolean protects(HostId id) {
    return switch (id) {
      case HostId.OfClone _, HostId.OfSave _ ->
          unreadable.stream().anyMatch(path -> path.startsWith(CLONES) || path.startsWith(SAVES));
      case HostId.OfSnapshot _, HostId.OfBuild _ ->
          revision(id).map(Key::path).filter(unreadable::contains).isPresent();
    };
  }

  private static Optional<Key<RevisionRecord>> revision(HostId id) {
    return switch (id) {
      case HostId.OfSnapshot(String image, long number, String _) ->
          Optional.of(Keys.revision(image, number));
      case HostId.OfBuild(String image, long number, String _) ->
          Optional.of(Keys.revision(image, number));
      case HostId.OfClone _, HostId.OfSave _ -> Optional.empty();
    };
  }

  /** A clone that is being removed is wanted too: its own worker sees to it. */
  private static boolean wants(CloneRecord clone, String host) {
    return clone.getAssignment().getHost().equals(host)
        && CloneRecords.state(clone) != CloneState.FAILED;
  }

  private static Stream<String> ids(RevisionRecord revision, String host) {
    if (RevisionRecords.state(revision) == RevisionState.FAILED) {
      return Stream.empty();
    }
    String snapshot = RevisionRecords.snapshotId(revision);
    if (revision.getBuildHost().equals(host) && !revision.hasReadyTime()) {
      return Stream.of(snapshot, RevisionRecords.buildVolumeId(revision));
    }
    return RevisionRecords.replica(revision, host)
        .filter(replica -> replica.getState() != Replica.State.DELETING)
        .map(_ -> snapshot)
        .stream();
  }

  private static <T extends Message> List<T> values(List<Versioned<T>> records) {
    return records.stream().map(Versioned::value).toList();
  }
}
