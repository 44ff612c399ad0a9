package dev.ramet.coordinator.records;

import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.names.SaveName;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a save's record means. */
public final class SaveRecords {
  private static final String CLONES = Keys.ROOT + "clones/";

  private SaveRecords() {}

  /** "fix-123@before", by what its clone is called now. */
  public static String name(View view, SaveRecord save) {
    return ownerName(view, save) + "@" + save.getMeta().getName();
  }

  public static String ownerName(View view, SaveRecord save) {
    return owner(view, save).map(clone -> clone.key().name()).orElse(save.getClone());
  }

  /** The clone that it is of; empty: gone, and the save goes after it. */
  public static Optional<Versioned<CloneRecord>> owner(View view, SaveRecord save) {
    return CloneRecords.find(view, save.getClone(), save.getCloneUid());
  }

  /** The one that is this snapshot. */
  public static Optional<Versioned<SaveRecord>> withSnapshot(View view, String snapshot) {
    return view.list(Kind.SAVE).stream()
        .filter(save -> save.value().getSnapshot().equals(snapshot))
        .findFirst();
  }

  /** What the clone's data began as, by what that is called now. */
  public static String origin(View view, CloneRecord clone) {
    return calledNow(view, CloneRecords.origin(clone), clone.getAssignment().getSnapshot());
  }

  /** What the save's data were before, by what that is called now. */
  public static String parent(View view, SaveRecord save) {
    return calledNow(view, save.getParent(), save.getParentSnapshot());
  }

  /** Where it is gone it is called what it was. */
  private static String calledNow(View view, String reference, String snapshot) {
    Optional<SaveName> name = SaveName.parse(reference);
    if (name.isEmpty()) {
      return reference;
    }
    boolean unchanged =
        view.get(Keys.clone(name.get().owner()))
            .flatMap(
                clone -> view.get(Keys.save(clone.value().getMeta().getUid(), name.get().save())))
            .filter(save -> save.value().getSnapshot().equals(snapshot))
            .isPresent();
    return unchanged
        ? reference
        : withSnapshot(view, snapshot).map(save -> name(view, save.value())).orElse(reference);
  }

  /** Of one clone, oldest first. */
  public static List<Versioned<SaveRecord>> of(View view, CloneRecord clone) {
    return view.list(Kind.SAVE, clone.getMeta().getUid()).stream()
        .sorted(
            Comparator.comparing((Versioned<SaveRecord> save) ->
                Times.instant(save.value().getMeta().getCreateTime())))
        .toList();
  }

  /**
   * Names of the clones that were made from it and exist, or are being reset to it, and of
   * revisions that are being made from it.
   */
  public static List<String> branches(View view, SaveRecord save) {
    Stream<String> clones =
        view.list(Kind.CLONE).stream()
            .map(Versioned::value)
            .filter(clone -> clone.getAssignment().getHost().equals(save.getHost()))
            .filter(clone -> standsOn(clone, save))
            .filter(CloneRecords::isLive)
            .map(clone -> clone.getMeta().getName());
    Stream<String> builds =
        view.list(Kind.REVISION).stream()
            .map(Versioned::value)
            .filter(revision -> revision.getFromSnapshot().equals(save.getSnapshot()))
            .filter(revision -> RevisionRecords.state(revision) == RevisionState.BUILDING)
            .map(RevisionRecords::name);
    return Stream.concat(clones, builds).toList();
  }

  private static boolean standsOn(CloneRecord clone, SaveRecord save) {
    boolean own = clone.getMeta().getUid().equals(save.getCloneUid());
    return clone.getWish().getReset().getSnapshot().equals(save.getSnapshot())
        || (!own && clone.getAssignment().getSnapshot().equals(save.getSnapshot()));
  }

  /** Names of others that stand on one of its saves: it does not go before them. */
  public static List<String> branchesOf(View view, CloneRecord clone) {
    return of(view, clone).stream()
        .flatMap(save -> branches(view, save.value()).stream())
        .filter(name -> !name.equals(clone.getMeta().getName()))
        .toList();
  }

  /** As it is after something was begun that stands on it: a deletion under way notices. */
  public static SaveRecord branched(SaveRecord save) {
    return save.toBuilder().setBranched(save.getBranched() + 1).build();
  }

  /** It was asked for, and is not made yet. */
  public static boolean isPending(SaveRecord save) {
    return !save.getReady() && !save.hasFailure() && !save.getMeta().hasDeleteTime();
  }

  /** It is, or is being, taken away. A clone's record that cannot be read may be its owner's. */
  public static boolean isToGo(View view, SaveRecord save) {
    if (save.getMeta().hasDeleteTime()) {
      return true;
    }
    boolean hidden =
        view.unreadable().stream().anyMatch(record -> record.path().startsWith(CLONES));
    return owner(view, save).map(clone -> !CloneRecords.isLive(clone.value())).orElse(!hidden);
  }
}
