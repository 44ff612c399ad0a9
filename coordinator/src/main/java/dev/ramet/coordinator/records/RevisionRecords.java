package dev.ramet.coordinator.records;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.lifecycle.Effect;
import dev.ramet.coordinator.lifecycle.RevisionEvent;
import dev.ramet.coordinator.lifecycle.RevisionLifecycle;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.lifecycle.Transition;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SavedData;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Revision;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a revision's record means, and how an event changes it. */
public final class RevisionRecords {
  private RevisionRecords() {}

  public static RevisionState state(RevisionRecord revision) {
    if (revision.getMeta().hasDeleteTime()) {
      return RevisionState.DELETING;
    }
    return switch (revision.getState()) {
      case BUILDING -> revision.hasFailure() ? RevisionState.FAILING : RevisionState.BUILDING;
      case READY -> RevisionState.READY;
      case FAILED -> RevisionState.FAILED;
      case DELETING -> RevisionState.DELETING;
      case STATE_UNSPECIFIED, UNRECOGNIZED -> RevisionState.BUILDING;
    };
  }

  public static Optional<Transition<RevisionState, RevisionEvent>> transition(
      RevisionRecord revision, RevisionEvent event) {
    return RevisionLifecycle.TABLE.on(state(revision), event);
  }

  /** The record after a transition. Its effects on other keys are the writer's. */
  public static RevisionRecord after(
      RevisionRecord revision,
      Transition<RevisionState, RevisionEvent> transition,
      Optional<Fault> fault,
      Instant now) {
    RevisionRecord.Builder next = revision.toBuilder().setState(shown(transition.to()));
    if (transition.effects().contains(Effect.RECORD_READY)) {
      next.setReadyTime(Times.message(now)).clearFailure();
    }
    if (transition.effects().contains(Effect.RECORD_FAILURE)) {
      fault.map(Failures::message).ifPresent(next::setFailure);
    }
    if (transition.to() == RevisionState.DELETING && !revision.getMeta().hasDeleteTime()) {
      next.getMetaBuilder().setDeleteTime(Times.message(now));
    }
    return next.build();
  }

  public static Revision.State shown(RevisionState state) {
    return switch (state) {
      case BUILDING, FAILING -> Revision.State.BUILDING;
      case READY -> Revision.State.READY;
      case FAILED -> Revision.State.FAILED;
      case DELETING, GONE -> Revision.State.DELETING;
    };
  }

  public static String snapshotId(RevisionRecord revision) {
    return new HostId.OfSnapshot(
            revision.getImage(), revision.getNumber(), revision.getMeta().getUid())
        .text();
  }

  public static String buildVolumeId(RevisionRecord revision) {
    return new HostId.OfBuild(
            revision.getImage(), revision.getNumber(), revision.getMeta().getUid())
        .text();
  }

  /** What it holds, for what is made of it. */
  public static SavedData data(RevisionRecord revision) {
    return SavedData.newBuilder()
        .setEngine(revision.getEngine())
        .setEngineVersion(revision.getEngineVersion())
        .setDatabase(revision.getDatabase())
        .addAllDatabases(revision.getDatabasesList())
        .setDataBytes(revision.getDataBytes())
        .setVolumeBytes(revision.getVolumeBytes())
        .build();
  }

  /** "app:7" */
  public static String name(RevisionRecord revision) {
    return revision.getImage() + ":" + revision.getNumber();
  }

  /** The load is over and the record says what was loaded. */
  public static boolean isLoaded(RevisionRecord revision) {
    return revision.getDatabasesCount() > 0;
  }

  /** Host to pool of the replicas in one of these states. */
  public static Map<String, String> replicas(RevisionRecord revision, Replica.State... states) {
    List<Replica.State> wanted = List.of(states);
    Map<String, String> found = new LinkedHashMap<>();
    for (Replica replica : revision.getReplicasList()) {
      if (wanted.contains(replica.getState())) {
        found.put(replica.getHost(), replica.getPool());
      }
    }
    return found;
  }

  /** Host to pool of where it can be cloned: its replicas, or all hosts in reach of its array. */
  public static Map<String, String> places(View view, RevisionRecord revision) {
    return SanPool.parse(revision.getBuildPool())
        .map(san -> HostViews.reachOf(view, san.array()))
        .orElseGet(() -> replicas(revision, Replica.State.READY));
  }

  public static Optional<Replica> replica(RevisionRecord revision, String host) {
    return revision.getReplicasList().stream()
        .filter(replica -> replica.getHost().equals(host))
        .findFirst();
  }

  /** The record with this replica put in the place of the one on the same host. */
  public static RevisionRecord withReplica(RevisionRecord revision, Replica replica) {
    RevisionRecord.Builder next = revision.toBuilder();
    for (int i = 0; i < revision.getReplicasCount(); i++) {
      if (revision.getReplicas(i).getHost().equals(replica.getHost())) {
        return next.setReplicas(i, replica).build();
      }
    }
    return next.addReplicas(replica).build();
  }

  public static RevisionRecord withoutReplica(RevisionRecord revision, String host) {
    RevisionRecord.Builder next = revision.toBuilder().clearReplicas();
    revision.getReplicasList().stream()
        .filter(replica -> !replica.getHost().equals(host))
        .forEach(next::addReplicas);
    return next.build();
  }

  /** Is built there, or has a replica there that is wanted. */
  public static boolean isOn(RevisionRecord revision, String host) {
    return switch (state(revision)) {
      case BUILDING, FAILING -> revision.getBuildHost().equals(host);
      case READY -> replica(revision, host).isPresent();
      case FAILED, DELETING, GONE -> false;
    };
  }

  /** Nothing of it is left where this host is lost. */
  public static boolean standsWith(RevisionRecord revision, String host) {
    return isOn(revision, host)
        && replicas(withoutReplica(revision, host), Replica.State.READY).isEmpty();
  }

  /** The newest READY revision of an image. */
  public static Optional<Versioned<RevisionRecord>> latest(View view, String image) {
    return view.list(Kind.REVISION, image).stream()
        .filter(revision -> state(revision.value()) == RevisionState.READY)
        .reduce((_, later) -> later);
  }

  /** Names of the clones that need this revision, warm ones too. */
  public static List<String> clonesOf(View view, String image, long number) {
    return view.list(Kind.CLONE).stream()
        .map(Versioned::value)
        .filter((CloneRecord clone) -> CloneRecords.uses(clone, image, number))
        .map(clone -> clone.getMeta().getName())
        .toList();
  }
}
