package dev.ramet.coordinator.records;

import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import java.util.List;
import java.util.Optional;

/** What a save's record means. */
public final class SaveRecords {
  private SaveRecords() {}

  /** "fix-123@before" */
  public static String name(SaveRecord save) {
    return save.getClone() + "@" + save.getMeta().getName();
  }

  /** The clone that it is of; empty: gone, and the save goes after it. */
  public static Optional<Versioned<CloneRecord>> owner(View view, SaveRecord save) {
    return view.get(Keys.clone(save.getClone()))
        .filter(clone -> clone.value().getMeta().getUid().equals(save.getCloneUid()));
  }

  /** Of one clone, oldest first. */
  public static List<Versioned<SaveRecord>> of(View view, CloneRecord clone) {
    return view.list(Kind.SAVE, clone.getMeta().getUid()).stream()
        .sorted(
            java.util.Comparator.comparing((Versioned<SaveRecord> save) ->
                Times.instant(save.value().getMeta().getCreateTime())))
        .toList();
  }

  /** Names of the other clones that were made from it and exist. */
  public static List<String> branches(View view, SaveRecord save) {
    return view.list(Kind.CLONE).stream()
        .map(Versioned::value)
        .filter(clone -> !clone.getMeta().getUid().equals(save.getCloneUid()))
        .filter(clone -> clone.getAssignment().getHost().equals(save.getHost()))
        .filter(clone -> clone.getAssignment().getSnapshot().equals(save.getSnapshot()))
        .filter(clone -> isThere(CloneRecords.state(clone)))
        .map(clone -> clone.getMeta().getName())
        .toList();
  }

  private static boolean isThere(CloneState state) {
    return switch (state) {
      case PENDING, PROVISIONING, READY, RECOVERING, BROKEN, STOPPED, RESETTING -> true;
      case FAILING, FAILED, DELETING, GONE -> false;
    };
  }

  /** It is, or is being, taken away. */
  public static boolean isToGo(View view, SaveRecord save) {
    return save.getMeta().hasDeleteTime()
        || owner(view, save).map(clone -> !isThere(CloneRecords.state(clone.value()))).orElse(true);
  }
}
