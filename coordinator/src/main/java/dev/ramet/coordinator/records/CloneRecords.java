package dev.ramet.coordinator.records;

import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneLifecycle;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.lifecycle.Effect;
import dev.ramet.coordinator.lifecycle.Transition;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.PortRecord;
import dev.ramet.proto.store.v1.ResetWish;
import dev.ramet.proto.v1.Clone;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** What a clone's record means, and how an event changes it. */
public final class CloneRecords {
  private CloneRecords() {}

  public static CloneState state(CloneRecord clone) {
    if (clone.getMeta().hasDeleteTime()) {
      return CloneState.DELETING;
    }
    CloneStatus status = clone.getStatus();
    boolean wasReady = status.hasReadyTime();
    return switch (status.getState()) {
      case READY -> CloneState.READY;
      case STOPPED -> CloneState.STOPPED;
      case OVER_CAP -> CloneState.OVER_CAP;
      case RESETTING -> CloneState.RESETTING;
      case PROVISIONING -> {
        if (wasReady) {
          yield CloneState.RECOVERING;
        }
        yield status.hasFailure() ? CloneState.FAILING : CloneState.PROVISIONING;
      }
      case FAILED -> wasReady ? CloneState.BROKEN : CloneState.FAILED;
      case DELETING -> CloneState.DELETING;
      case PENDING, STATE_UNSPECIFIED, UNRECOGNIZED -> CloneState.PENDING;
    };
  }

  /** The row that the event takes from where the clone is; empty: it means nothing now. */
  public static Optional<Transition<CloneState, CloneEvent>> transition(
      CloneRecord clone, CloneEvent event) {
    return CloneLifecycle.TABLE.on(state(clone), event);
  }

  /** The record after a transition. Its effects on other keys are the writer's. */
  public static CloneRecord after(
      CloneRecord clone,
      Transition<CloneState, CloneEvent> transition,
      Optional<Fault> fault,
      Instant now) {
    CloneRecord.Builder next = clone.toBuilder();
    CloneStatus.Builder status = next.getStatusBuilder();
    status.setState(shown(transition.to()));
    status.setObservedGeneration(clone.getMeta().getGeneration());
    for (Effect effect : transition.effects()) {
      switch (effect) {
        case RECORD_READY -> status.setReadyTime(Times.message(now)).clearFailure();
        case CLEAR_FAILURE -> status.clearFailure();
        case FORGET_DATA -> status.clearReadyTime();
        case SWITCH_DATA -> Resets.done(next, now);
        case END_RESET -> Resets.failed(next, fault, now);
        case RECORD_FAILURE -> fault.map(Failures::message).ifPresent(status::setFailure);
        case TEAR_DOWN, KEEP_DATA, RELEASE_PORT, REMOVE_RECORD, FORGET_SECRET, END_OPERATION -> {}
      }
    }
    if (transition.to() == CloneState.DELETING && !clone.getMeta().hasDeleteTime()) {
      next.getMetaBuilder().setDeleteTime(Times.message(now));
    }
    return next.build();
  }

  /** As {@link #after}, where a user asked for it: what is wanted has changed. */
  public static CloneRecord asked(
      CloneRecord clone, Transition<CloneState, CloneEvent> transition, Instant now) {
    CloneRecord.Builder next = after(clone, transition, Optional.empty(), now).toBuilder();
    next.getMetaBuilder().setGeneration(clone.getMeta().getGeneration() + 1);
    return next.build();
  }

  /** What was asked for last is so. */
  public static boolean isReached(CloneRecord clone) {
    return clone.getStatus().getObservedGeneration() == clone.getMeta().getGeneration();
  }

  /** It waits in a warm pool: no user knows it. */
  public static boolean isWarm(CloneRecord clone) {
    return WarmName.is(clone.getMeta().getName());
  }

  /** How a state is shown to users. */
  public static Clone.State shown(CloneState state) {
    return switch (state) {
      case PENDING -> Clone.State.PENDING;
      case PROVISIONING, FAILING, RECOVERING -> Clone.State.PROVISIONING;
      case READY -> Clone.State.READY;
      case STOPPED -> Clone.State.STOPPED;
      case OVER_CAP -> Clone.State.OVER_CAP;
      case RESETTING -> Clone.State.RESETTING;
      case FAILED, BROKEN -> Clone.State.FAILED;
      case DELETING, GONE -> Clone.State.DELETING;
    };
  }

  /** Id of the clone's first volume and instance; afterwards its assignment says which. */
  public static String hostId(Meta meta) {
    return new HostId.OfClone(meta.getName(), meta.getUid(), 1).text();
  }

  /** What its data began as, "app:7" or "fix-123@before". */
  public static String origin(CloneRecord clone) {
    CloneAssignment place = clone.getAssignment();
    return place.getOrigin().isEmpty()
        ? place.getImage() + ":" + place.getRevision()
        : place.getOrigin();
  }

  /** An id for the volume of new data, which none of its volumes has. */
  public static String nextVolume(CloneRecord clone) {
    int last =
        hostIds(clone).stream()
            .flatMap(id -> HostId.parse(id).stream())
            .mapToInt(id -> id instanceof HostId.OfClone of ? of.generation() : 1)
            .max()
            .orElse(1);
    Meta meta = clone.getMeta();
    return new HostId.OfClone(meta.getName(), meta.getUid(), last + 1).text();
  }

  /**
   * Ids of all volumes and instances that are there, or may be, on its account: those of its data,
   * of the data that it is being reset to, and what is to go after a reset.
   */
  public static Set<String> hostIds(CloneRecord clone) {
    Set<String> ids = new LinkedHashSet<>();
    String volume = clone.getAssignment().getVolume();
    ids.add(volume.isEmpty() ? hostId(clone.getMeta()) : volume);
    if (clone.getWish().hasReset()) {
      ids.add(clone.getWish().getReset().getVolume());
    }
    ids.addAll(clone.getStatus().getRetiredList());
    return ids;
  }

  /** The one with this uid, by this name or any other. */
  public static Optional<Versioned<CloneRecord>> find(View view, String name, String uid) {
    return view.get(Keys.clone(name))
        .filter(clone -> clone.value().getMeta().getUid().equals(uid))
        .or(() ->
            view.list(Kind.CLONE).stream()
                .filter(clone -> clone.value().getMeta().getUid().equals(uid))
                .findFirst());
  }

  /**
   * The port key, while this very clone holds it: something of it may be on the host as long as it
   * does.
   */
  public static Optional<Versioned<PortRecord>> heldPort(View view, CloneRecord clone) {
    int port = clone.getAssignment().getPort();
    if (port == 0) {
      return Optional.empty();
    }
    return view.get(Keys.port(clone.getAssignment().getHost(), port))
        .filter(held -> held.value().getUid().equals(clone.getMeta().getUid()));
  }

  /** It is there, or is going to be: it counts for placement, and its saves are kept. */
  public static boolean isLive(CloneRecord clone) {
    return switch (state(clone)) {
      case PENDING, PROVISIONING, READY, RECOVERING, BROKEN, STOPPED, OVER_CAP, RESETTING -> true;
      case FAILING, FAILED, DELETING, GONE -> false;
    };
  }

  /** Needs its revision: no snapshot goes while this says so. */
  public static boolean uses(CloneRecord clone, String image, long revision) {
    ResetWish reset = clone.getWish().getReset();
    boolean has =
        clone.getAssignment().getImage().equals(image)
            && clone.getAssignment().getRevision() == revision;
    boolean gets = reset.getImage().equals(image) && reset.getRevision() == revision;
    return (has || gets) && state(clone) != CloneState.FAILED;
  }
}
