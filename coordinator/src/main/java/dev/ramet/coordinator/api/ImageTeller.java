package dev.ramet.coordinator.api;

import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.Replica;
import dev.ramet.proto.v1.Revision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the difference between two records of an image or a revision tells. Pure. */
final class ImageTeller {
  private ImageTeller() {}

  static List<Event> changed(
      @Nullable ImageRecord before, @Nullable ImageRecord after, Instant now) {
    List<Event> events = new ArrayList<>();
    boolean another = before == null || after == null || !sameUid(before, after);
    if (before != null && another) {
      events.addAll(
          Telling.change(before.getMeta().getName(), now)
              .add(EventType.IMAGE_GONE, "with all its revisions")
              .events());
    }
    if (after != null && another) {
      events.addAll(
          Telling.change(after.getMeta().getName(), now)
              .add(EventType.IMAGE_CREATED, after.getMeta().getCreateTime(), after.getEngine())
              .events());
    }
    boolean wasDeleting = before != null && !another && before.getMeta().hasDeleteTime();
    if (after != null && after.getMeta().hasDeleteTime() && !wasDeleting) {
      events.addAll(
          Telling.change(after.getMeta().getName(), now)
              .add(EventType.IMAGE_DELETING, after.getMeta().getDeleteTime(), "it is to go")
              .events());
    }
    return events;
  }

  private static boolean sameUid(ImageRecord before, ImageRecord after) {
    return before.getMeta().getUid().equals(after.getMeta().getUid());
  }

  static List<Event> changed(
      @Nullable RevisionRecord before, @Nullable RevisionRecord after, Instant now) {
    if (after == null) {
      return before == null
          ? List.of()
          : Telling.change(RevisionRecords.name(before), now)
              .add(EventType.REVISION_GONE, "its storage is released")
              .events();
    }
    Telling telling = Telling.change(RevisionRecords.name(after), now);
    RevisionRecord from = before == null ? RevisionRecord.getDefaultInstance() : before;
    if (before == null) {
      telling.add(
          EventType.REVISION_BUILDING,
          after.getMeta().getCreateTime(),
          "on host %s from %s".formatted(after.getBuildHost(), after.getSourceDescription()));
    }
    compare(telling, from, after);
    return telling.events();
  }

  /** What is wrong with it. */
  static List<Event> present(RevisionRecord revision) {
    Telling telling = Telling.present(RevisionRecords.name(revision));
    if (!revision.getMeta().hasDeleteTime()) {
      if (revision.getState() == Revision.State.FAILED) {
        telling.add(EventType.REVISION_FAILED, revision.getFailure());
      }
      revision.getReplicasList().stream()
          .filter(replica -> replica.getState() == Replica.State.FAILED)
          .forEach(replica -> replicaFailed(telling, replica));
    }
    return telling.events();
  }

  private static void compare(Telling telling, RevisionRecord before, RevisionRecord after) {
    boolean moved = before.getState() != after.getState();
    if (moved && after.getState() == Revision.State.READY) {
      telling.add(EventType.REVISION_READY, after.getReadyTime(), "clones can be made of it");
    }
    if (moved && after.getState() == Revision.State.FAILED) {
      telling.add(EventType.REVISION_FAILED, after.getFailure());
    }
    for (Replica replica : after.getReplicasList()) {
      Optional<Replica.State> was =
          RevisionRecords.replica(before, replica.getHost()).map(Replica::getState);
      if (was.equals(Optional.of(replica.getState()))) {
        continue;
      }
      if (replica.getState() == Replica.State.READY) {
        telling.add(EventType.REPLICA_READY, "on host " + replica.getHost());
      } else if (replica.getState() == Replica.State.FAILED) {
        replicaFailed(telling, replica);
      }
    }
    if (after.getMeta().hasDeleteTime() && !before.getMeta().hasDeleteTime()) {
      telling.add(EventType.REVISION_DELETING, after.getMeta().getDeleteTime(), "it is to go");
    }
  }

  private static void replicaFailed(Telling telling, Replica replica) {
    telling.add(EventType.REPLICA_FAILED, replica.getFailure());
  }
}
