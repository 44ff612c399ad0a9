package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.CloneRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds clones, or says why they are not what somebody needs. */
final class CloneLookup {
  /** Metadata: the name that a clone has which had the name asked for. */
  private static final String CALLED_NOW = "called_now";

  private final Records records;

  CloneLookup(Records records) {
    this.records = records;
  }

  /** As {@link Records#find}. */
  Versioned<CloneRecord> find(String name) {
    return records.find(Keys.clone(name)).orElseThrow(() -> notFound(records.view(), name));
  }

  /** As {@link #find(View, String, String)}; the view may be behind. */
  Versioned<CloneRecord> find(String name, String uid) {
    View view = records.view();
    if (!uid.isEmpty() && CloneRecords.find(view, name, uid).isEmpty()) {
      var _ = find(name); // the view has it now
    }
    return uid.isEmpty() ? find(name) : find(view, name, uid);
  }

  /** As {@link #find(String)}, and it is not being deleted. */
  Versioned<CloneRecord> findKept(String name) {
    Versioned<CloneRecord> clone = find(name);
    Lookups.requireKept(clone.value().getMeta().hasDeleteTime(), "clone %s".formatted(name));
    return clone;
  }

  static Versioned<CloneRecord> find(View view, String name) {
    return view.get(Keys.clone(name))
        .filter(clone -> !CloneRecords.isWarm(clone.value()))
        .orElseThrow(() -> notFound(view, name));
  }

  /** All but those that wait in warm pools, by name. */
  static Stream<Versioned<CloneRecord>> all(View view) {
    return view.list(Kind.CLONE).stream().filter(clone -> !CloneRecords.isWarm(clone.value()));
  }

  /** No clone has this name. */
  static void requireFree(View view, String name) {
    view.get(Keys.clone(name))
        .ifPresent(clone -> {
          throw ErrorCode.CLONE_EXISTS.exception(
              clone.value().getMeta().hasDeleteTime()
                  ? "clone %s is being deleted: take another name, or wait until it is gone"
                      .formatted(name)
                  : "there is a clone %s already: take another name, or delete it first"
                      .formatted(name));
        });
  }

  /**
   * By its uid, whatever it is called now.
   *
   * @param name that it had
   * @param uid empty: the name decides
   */
  static Versioned<CloneRecord> find(View view, String name, String uid) {
    return uid.isEmpty()
        ? find(view, name)
        : CloneRecords.find(view, name, uid).orElseThrow(() -> notFound(view, name));
  }

  /** One that was renamed from it is named, in words and for programs. */
  static RuntimeException notFound(View view, String name) {
    Optional<String> renamed =
        all(view)
            .filter(clone -> clone.value().getFormerName().equals(name))
            .filter(clone -> CloneRecords.isLive(clone.value()))
            .map(clone -> clone.key().name())
            .findFirst();
    if (renamed.isPresent()) {
      return new FaultException(
          ErrorCode.CLONE_NOT_FOUND
              .fault(
                  "there is no clone '%s' any more: it is called '%s' now"
                      .formatted(name, renamed.get()))
              .withMetadata(Map.of(CALLED_NOW, renamed.get())));
    }
    List<String> names = all(view).map(clone -> clone.key().name()).toList();
    return ErrorCode.CLONE_NOT_FOUND.exception(
        "there is no clone '%s'; there is: %s".formatted(name, Rejections.listed(names, "none")));
  }

  /** It is in a state in which this cannot be asked of it. */
  RuntimeException notNow(CloneRecord clone, String doing) {
    String name = clone.getMeta().getName();
    if (CloneRecords.state(clone) == CloneState.OVER_CAP) {
      return ErrorCode.CLONE_OVER_CAP.exception(
          "clone %s cannot be %s now: %s"
              .formatted(name, doing, clone.getStatus().getFailure().getMessage()));
    }
    String state = CloneRecords.shown(CloneRecords.state(clone)).name();
    return ErrorCode.CLONE_NOT_READY.exception(
        "clone %s is %s and cannot be %s now: see ramet clone show %s"
            .formatted(name, state, doing, name));
  }
}
