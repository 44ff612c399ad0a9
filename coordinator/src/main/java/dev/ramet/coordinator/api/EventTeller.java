package dev.ramet.coordinator.api;

import dev.ramet.coordinator.names.WarmName;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.v1.Event;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a change of a record means, and what is wrong by the records as they are. Pure: the
 * same records tell the same.
 */
final class EventTeller {
  private static final Set<Kind<?>> TOLD =
      Set.of(
          Kind.CLONE,
          Kind.SAVE,
          Kind.IMAGE,
          Kind.REVISION,
          Kind.HOST,
          Kind.HOST_ALIVE,
          Kind.OPERATION);

  private EventTeller() {}

  static boolean concerns(Key<?> key) {
    return TOLD.contains(key.kind()) && !WarmName.is(key.name());
  }

  /** What is wrong or worth knowing now. */
  static List<Event> present(View view) {
    List<Event> events = new ArrayList<>();
    view.list(Kind.HOST).forEach(host -> events.addAll(present(view, host)));
    view.list(Kind.REVISION)
        .forEach(revision -> events.addAll(ImageTeller.present(revision.value())));
    CloneLookup.all(view).forEach(clone -> events.addAll(CloneTeller.present(clone.value())));
    return events;
  }

  /** The same of one record. */
  static List<Event> present(View view, Versioned<?> record) {
    return switch (record.value()) {
      case CloneRecord clone -> CloneTeller.present(clone);
      case RevisionRecord revision -> ImageTeller.present(revision);
      case HostRecord host -> {
        String name = record.key().name();
        yield HostTeller.present(
            name, host, view.get(Keys.hostAlive(name)).map(Versioned::value).orElse(null));
      }
      default -> List.of();
    };
  }

  /** Empty: there is no such clone. */
  private static String calledNow(View view, @Nullable CloneRecord clone) {
    return clone == null
        ? ""
        : CloneRecords.find(view, clone.getMeta().getName(), clone.getMeta().getUid())
            .map(found -> found.key().name())
            .orElse("");
  }

  /**
   * What happened.
   *
   * @param view has the change, and perhaps later ones
   */
  static List<Event> changed(View view, Change<?> change, Instant now) {
    String name = change.key().name();
    Kind<?> kind = change.key().kind();
    if (kind == Kind.CLONE) {
      CloneRecord before = end(CloneRecord.class, change.before());
      return CloneTeller.changed(
          before, end(CloneRecord.class, change.after()), calledNow(view, before), now);
    }
    if (kind == Kind.SAVE) {
      SaveRecord after = end(SaveRecord.class, change.after());
      return CloneTeller.saved(
          end(SaveRecord.class, change.before()),
          after,
          after == null ? "" : SaveRecords.ownerName(view, after),
          now);
    }
    if (kind == Kind.IMAGE) {
      return ImageTeller.changed(
          end(ImageRecord.class, change.before()), end(ImageRecord.class, change.after()), now);
    }
    if (kind == Kind.REVISION) {
      return ImageTeller.changed(
          end(RevisionRecord.class, change.before()),
          end(RevisionRecord.class, change.after()),
          now);
    }
    if (kind == Kind.HOST) {
      return HostTeller.changed(
          name, end(HostRecord.class, change.before()), end(HostRecord.class, change.after()), now);
    }
    if (kind == Kind.HOST_ALIVE) {
      return HostTeller.reported(
          name, end(HostReport.class, change.before()), end(HostReport.class, change.after()), now);
    }
    return kind == Kind.OPERATION
        ? operation(
            Optional.ofNullable(end(OperationRecord.class, change.before())),
            Optional.ofNullable(end(OperationRecord.class, change.after())),
            now)
        : List.of();
  }

  private static List<Event> operation(
      Optional<OperationRecord> before, Optional<OperationRecord> after, Instant now) {
    if (after.isEmpty()) {
      return List.of(); // forgotten, long after it was over
    }
    Operation operation = after.get().getOperation();
    boolean wasDone = before.map(record -> record.getOperation().getDone()).orElse(false);
    String what = operation.getKind() + " " + operation.getTarget();
    Telling telling = Telling.change(operation.getId(), now);
    if (before.isEmpty()) {
      telling.add(EventType.OPERATION_STARTED, operation.getCreateTime(), what);
    }
    if (operation.getDone() && !wasDone && operation.hasFailure()) {
      telling.add(
          EventType.OPERATION_FAILED,
          operation.getEndTime(),
          what + ": " + operation.getFailure().getMessage(),
          operation.getFailure().getCode());
    } else if (operation.getDone() && !wasDone) {
      telling.add(EventType.OPERATION_DONE, operation.getEndTime(), what);
    }
    return telling.events();
  }

  private static <T> @Nullable T end(Class<T> type, @Nullable Versioned<?> end) {
    return end == null ? null : type.cast(end.value());
  }
}
