package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Inventory;
import dev.ramet.coordinator.fleet.Inventory.Leftover;
import dev.ramet.coordinator.fleet.Inventory.SnapshotSeen;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Expectations;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.HostCheck;
import dev.ramet.proto.v1.HostThing;
import dev.ramet.proto.v1.MissingThing;
import dev.ramet.proto.v1.PoolLeftover;
import dev.ramet.proto.v1.Replica;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one host holds against the records, both ways. Asking the host takes a moment in which
 * records change: what they want, or miss, counts where they said so before and after.
 */
final class HostComparison {
  private final String host;
  private final Expectations wantedBefore;
  private final Set<MissingThing> musts;

  private HostComparison(String host, Expectations wantedBefore, Set<MissingThing> musts) {
    this.host = host;
    this.wantedBefore = wantedBefore;
    this.musts = musts;
  }

  /** To be called before the host is asked. */
  static HostComparison begin(View view, String host) {
    return new HostComparison(host, Expectations.of(view, host), new HashSet<>(musts(view, host)));
  }

  HostCheck.Builder compare(View after, Inventory inventory) {
    Expectations wanted = Expectations.of(after, host);
    HostCheck.Builder check = HostCheck.newBuilder().setHost(host);
    Set<String> present = new HashSet<>();
    for (HostThing thing : things(inventory)) {
      if (thing.getKind() != HostThing.Kind.INSTANCE || !isDead(inventory, thing.getId())) {
        present.add(place(thing.getKind(), thing.getPool(), thing.getId()));
      }
      check.addThings(thing.toBuilder().setStanding(standing(wanted, thing.getId())));
    }
    musts(after, host).stream()
        .filter(musts::contains)
        .filter(must -> !present.contains(place(must.getKind(), must.getPool(), must.getId())))
        .forEach(check::addMissing);
    for (Leftover left : inventory.leftovers()) {
      check.addLeftovers(
          PoolLeftover.newBuilder()
              .setPool(left.pool())
              .setName(left.name())
              .setReason(left.reason()));
    }
    return check;
  }

  private static boolean isDead(Inventory inventory, String instance) {
    return inventory.instances().stream()
        .anyMatch(
            seen -> seen.id().equals(instance) && seen.condition() == InstanceSeen.Condition.DEAD);
  }

  private HostThing.Standing standing(Expectations wanted, String id) {
    return HostId.parse(id)
        .map(parsed -> {
          if (wantedBefore.wants(parsed) || wanted.wants(parsed)) {
            return HostThing.Standing.WANTED;
          }
          return wantedBefore.protects(parsed) || wanted.protects(parsed)
              ? HostThing.Standing.PROTECTED
              : HostThing.Standing.ORPHAN;
        })
        .orElse(HostThing.Standing.FOREIGN);
  }

  private static List<HostThing> things(Inventory inventory) {
    List<HostThing> things = new ArrayList<>();
    for (VolumeSeen volume : inventory.volumes()) {
      things.add(thing(HostThing.Kind.VOLUME, volume.pool(), volume.id()));
    }
    for (SnapshotSeen snapshot : inventory.snapshots()) {
      things.add(thing(HostThing.Kind.SNAPSHOT, snapshot.pool(), snapshot.id()));
    }
    for (InstanceSeen instance : inventory.instances()) {
      things.add(thing(HostThing.Kind.INSTANCE, "", instance.id()));
    }
    return things;
  }

  /** What must be there now: no host lacks it without somebody having taken it away. */
  private static List<MissingThing> musts(View view, String host) {
    List<MissingThing> musts = new ArrayList<>();
    for (Versioned<CloneRecord> clone : view.list(Kind.CLONE)) {
      if (clone.value().getAssignment().getHost().equals(host)) {
        addClone(musts, clone.value());
      }
    }
    for (Versioned<SaveRecord> save : view.list(Kind.SAVE)) {
      if (save.value().getHost().equals(host)) {
        addSave(view, musts, save.value());
      }
    }
    for (Versioned<RevisionRecord> revision : view.list(Kind.REVISION)) {
      addReplica(musts, revision.value(), host);
    }
    return musts;
  }

  private static void addClone(List<MissingThing> musts, CloneRecord clone) {
    Clone.State state = clone.getStatus().getState();
    CloneAssignment place = clone.getAssignment();
    boolean holdsData = clone.getStatus().hasReadyTime() && !clone.getMeta().hasDeleteTime();
    if (!holdsData || clone.getWish().hasReset()) {
      return;
    }
    String who =
        CloneRecords.isWarm(clone)
            ? "warm clone of " + CloneRecords.origin(clone)
            : "clone " + clone.getMeta().getName();
    musts.add(missing(HostThing.Kind.VOLUME, place.getPool(), place.getVolume(), who));
    // A frozen one that ended is started again only when it may grow more.
    boolean rests = state == Clone.State.STOPPED || state == Clone.State.OVER_CAP;
    boolean failing = !rests && clone.getStatus().hasFailure();
    if (state == Clone.State.READY || failing) {
      musts.add(missing(HostThing.Kind.INSTANCE, place.getPool(), place.getVolume(), who));
    }
  }

  private static void addSave(View view, List<MissingThing> musts, SaveRecord save) {
    if (save.getReady() && !save.getMeta().hasDeleteTime()) {
      musts.add(
          missing(
              HostThing.Kind.SNAPSHOT,
              save.getPool(),
              save.getSnapshot(),
              "save %s of clone %s"
                  .formatted(save.getMeta().getName(), SaveRecords.ownerName(view, save))));
    }
  }

  private static void addReplica(List<MissingThing> musts, RevisionRecord revision, String host) {
    if (revision.getMeta().hasDeleteTime()) {
      return;
    }
    RevisionRecords.replica(revision, host)
        .filter(replica -> replica.getState() == Replica.State.READY)
        .ifPresent(replica ->
            musts.add(
                missing(
                    HostThing.Kind.SNAPSHOT,
                    replica.getPool(),
                    RevisionRecords.snapshotId(revision),
                    "revision " + RevisionRecords.name(revision))));
  }

  private static HostThing thing(HostThing.Kind kind, String pool, String id) {
    return HostThing.newBuilder().setKind(kind).setPool(pool).setId(id).build();
  }

  private static MissingThing missing(HostThing.Kind kind, String pool, String id, String who) {
    return MissingThing.newBuilder().setKind(kind).setPool(pool).setId(id).setWantedBy(who).build();
  }

  private static String place(HostThing.Kind kind, String pool, String id) {
    return kind + "/" + (kind == HostThing.Kind.INSTANCE ? "" : pool) + "/" + id;
  }
}
