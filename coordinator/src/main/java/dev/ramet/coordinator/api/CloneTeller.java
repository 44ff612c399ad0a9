package dev.ramet.coordinator.api;

import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.Reset;
import dev.ramet.proto.v1.Warning;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the difference between two records of a clone tells. Pure. */
final class CloneTeller {
  private CloneTeller() {}

  /**
   * What happened to one key's clone.
   *
   * @param name what the clone that was there is called now; empty: it is gone
   */
  static List<Event> changed(
      @Nullable CloneRecord before, @Nullable CloneRecord after, String name, Instant now) {
    if (before != null && after != null && sameUid(before, after)) {
      Telling telling = Telling.change(after.getMeta().getName(), now);
      compare(telling, before, after);
      return telling.events();
    }
    List<Event> events = new ArrayList<>();
    if (before != null) {
      Telling telling = Telling.change(before.getMeta().getName(), now);
      telling.add(
          name.isEmpty() ? EventType.CLONE_GONE : EventType.CLONE_RENAMED,
          name.isEmpty() ? "its storage is released" : "is called %s from now on".formatted(name));
      events.addAll(telling.events());
    }
    if (after != null && after.getFormerName().isEmpty()) { // else told of where it was
      Telling telling = Telling.change(after.getMeta().getName(), now);
      created(telling, after);
      events.addAll(telling.events());
    }
    return events;
  }

  /** What is wrong with it, or worth knowing. */
  static List<Event> present(CloneRecord clone) {
    Telling telling = Telling.present(clone.getMeta().getName());
    CloneStatus status = clone.getStatus();
    if (!clone.getMeta().hasDeleteTime()) {
      if (status.getState() == Clone.State.FAILED) {
        telling.add(EventType.CLONE_FAILED, failure(status));
      } else if (status.getState() == Clone.State.OVER_CAP) {
        telling.add(EventType.CLONE_OVER_CAP, failure(status));
      } else if (isDown(clone)) {
        telling.add(EventType.CLONE_DOWN, failure(status));
      }
      if (resetFailed(status.getLastReset())) {
        resetEnded(telling, status.getLastReset());
      }
      status.getWarningsList().forEach(warning -> warn(telling, warning));
    }
    return telling.events();
  }

  static List<Event> saved(
      @Nullable SaveRecord before, @Nullable SaveRecord after, String owner, Instant now) {
    if (after == null || !after.getReady() || (before != null && before.getReady())) {
      return List.of();
    }
    String name = after.getMeta().getName();
    return Telling.change(owner, now)
        .add(EventType.CLONE_SAVED, "kept as %s@%s".formatted(owner, name))
        .events();
  }

  private static boolean sameUid(CloneRecord before, CloneRecord after) {
    return before.getMeta().getUid().equals(after.getMeta().getUid());
  }

  /** Several writes may arrive as one: it may be further already. */
  private static void created(Telling telling, CloneRecord clone) {
    CloneAssignment place = clone.getAssignment();
    String origin =
        place.getOrigin().isEmpty()
            ? place.getImage() + ":" + place.getRevision()
            : place.getOrigin();
    telling.add(
        EventType.CLONE_CREATED,
        clone.getMeta().getCreateTime(),
        "of %s on host %s".formatted(origin, place.getHost()));
    compare(telling, pristine(clone), clone);
  }

  private static CloneRecord pristine(CloneRecord clone) {
    CloneRecord.Builder pristine = clone.toBuilder().clearStatus();
    pristine.getWishBuilder().clearReset();
    pristine.getMetaBuilder().clearDeleteTime();
    return pristine.build();
  }

  private static void compare(Telling telling, CloneRecord before, CloneRecord after) {
    if (isResetting(after) && !isResetting(before)) {
      String to = after.getWish().getReset().getOrigin();
      telling.add(EventType.CLONE_RESETTING, to.isEmpty() ? "to another point" : "to " + to);
    }
    Reset reset = after.getStatus().getLastReset();
    boolean resetEnded = reset.hasEndTime() && !reset.equals(before.getStatus().getLastReset());
    if (resetEnded) {
      resetEnded(telling, reset);
    }
    state(telling, before, after, resetEnded);
    after.getStatus().getWarningsList().stream()
        .filter(warning -> !before.getStatus().getWarningsList().contains(warning))
        .forEach(warning -> warn(telling, warning));
    if (after.getMeta().hasDeleteTime() && !before.getMeta().hasDeleteTime()) {
      telling.add(EventType.CLONE_DELETING, after.getMeta().getDeleteTime(), "it is to go");
    }
  }

  private static void state(
      Telling telling, CloneRecord before, CloneRecord after, boolean resetEnded) {
    CloneStatus status = after.getStatus();
    boolean moved = status.getState() != before.getStatus().getState();
    switch (status.getState()) {
      case READY -> {
        if (moved && !resetEnded) {
          ready(telling, before, after);
        }
      }
      case STOPPED -> {
        if (moved) {
          telling.add(EventType.CLONE_STOPPED, "its data stay");
        }
      }
      case OVER_CAP -> {
        if (moved) {
          telling.add(EventType.CLONE_OVER_CAP, failure(status));
        }
      }
      case FAILED -> {
        boolean sameReason =
            status.getFailure().getCode().equals(before.getStatus().getFailure().getCode());
        if (moved || !sameReason) {
          telling.add(EventType.CLONE_FAILED, failure(status));
        }
      }
      case PROVISIONING -> {
        if (isDown(after) && !isDown(before) && !isBroken(before)) {
          telling.add(EventType.CLONE_DOWN, failure(status));
        }
      }
      case PENDING, RESETTING, DELETING, STATE_UNSPECIFIED, UNRECOGNIZED -> {}
    }
  }

  private static void ready(Telling telling, CloneRecord before, CloneRecord after) {
    CloneAssignment place = after.getAssignment();
    String where = "%s:%d".formatted(place.getAddress(), place.getPort());
    if (before.getStatus().hasReadyTime()) {
      telling.add(EventType.CLONE_READY, "runs again at " + where);
    } else {
      long millis = after.getStatus().getTotalNanos() / 1_000_000;
      telling.add(
          EventType.CLONE_READY,
          after.getStatus().getReadyTime(),
          "at %s after %d ms".formatted(where, millis));
    }
  }

  /** Nobody asked for it to be stopped, and it does not run. */
  private static boolean isDown(CloneRecord clone) {
    return clone.getStatus().hasReadyTime()
        && clone.getStatus().getState() == Clone.State.PROVISIONING
        && clone.getStatus().hasFailure();
  }

  private static boolean isBroken(CloneRecord clone) {
    return clone.getStatus().hasReadyTime() && clone.getStatus().getState() == Clone.State.FAILED;
  }

  private static boolean isResetting(CloneRecord clone) {
    return clone.getWish().hasReset() || clone.getStatus().getState() == Clone.State.RESETTING;
  }

  private static boolean resetFailed(Reset reset) {
    return reset.hasEndTime() && reset.hasFailure();
  }

  private static void resetEnded(Telling telling, Reset reset) {
    if (resetFailed(reset)) {
      telling.add(
          EventType.CLONE_RESET_FAILED,
          reset.getEndTime(),
          "to %s: %s; it is as it was".formatted(reset.getTo(), reset.getFailure().getMessage()),
          reset.getFailure().getCode());
    } else {
      telling.add(EventType.CLONE_RESET, reset.getEndTime(), "to " + reset.getTo());
    }
  }

  private static void warn(Telling telling, Warning warning) {
    telling.add(
        EventType.CLONE_WARNING, warning.getTime(), warning.getMessage(), warning.getCode());
  }

  private static Failure failure(CloneStatus status) {
    return status.getFailure();
  }
}
