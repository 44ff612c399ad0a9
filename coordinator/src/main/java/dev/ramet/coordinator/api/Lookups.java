package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.names.RevisionName;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import java.util.List;
import java.util.Optional;

/** Finds what a request names, or says what there is instead. */
final class Lookups {
  private Lookups() {}

  static Versioned<ImageRecord> image(View view, String name) {
    return view.get(Keys.image(name))
        .orElseThrow(() ->
            ErrorCode.IMAGE_NOT_FOUND.exception(
                "there is no image '%s'; there is: %s"
                    .formatted(
                        name,
                        Rejections.listed(names(view, Kind.IMAGE), "none, build one first"))));
  }

  static void requireHost(View view, String name) {
    Optional<Versioned<HostRecord>> host = view.get(Keys.host(name));
    if (host.isEmpty()) {
      throw ErrorCode.HOST_NOT_FOUND.exception(
          "there is no host '%s'; there is: %s"
              .formatted(
                  name, Rejections.listed(names(view, Kind.HOST), "none, start an agent first")));
    }
  }

  static Versioned<RevisionRecord> revision(View view, String image, long number) {
    return view.get(Keys.revision(image, number))
        .orElseThrow(() ->
            ErrorCode.REVISION_NOT_FOUND.exception(
                "there is no revision %d of image '%s'; there is: %s"
                    .formatted(
                        number,
                        image,
                        Rejections.listed(
                            view.list(Kind.REVISION, image).stream()
                                .map(revision -> RevisionRecords.name(revision.value()))
                                .toList(),
                            "none"))));
  }

  /** The revision that a reference leads to, READY. */
  static Versioned<RevisionRecord> readyRevision(View view, RevisionName name) {
    Versioned<ImageRecord> image = image(view, name.image());
    requireKept(image.value().getMeta().hasDeleteTime(), "image '%s'".formatted(name.image()));
    if (name.number().isEmpty()) {
      return RevisionRecords.latest(view, name.image())
          .orElseThrow(() -> notReady(view, name.image()));
    }
    Versioned<RevisionRecord> revision = revision(view, name.image(), name.number().getAsLong());
    String words = RevisionRecords.name(revision.value());
    requireKept(revision.value().getMeta().hasDeleteTime(), words);
    if (RevisionRecords.state(revision.value()) != RevisionState.READY) {
      throw ErrorCode.IMAGE_NOT_READY.exception(whyNotReady(revision.value()));
    }
    return revision;
  }

  static void requireKept(boolean deleted, String what) {
    if (deleted) {
      throw ErrorCode.BEING_DELETED.exception("%s is being deleted".formatted(what));
    }
  }

  private static RuntimeException notReady(View view, String image) {
    List<Versioned<RevisionRecord>> revisions = view.list(Kind.REVISION, image);
    String why =
        revisions.isEmpty() ? "it has no revision" : whyNotReady(revisions.getLast().value());
    return ErrorCode.IMAGE_NOT_READY.exception(
        "image '%s' has no ready revision: %s".formatted(image, why));
  }

  private static String whyNotReady(RevisionRecord revision) {
    String name = RevisionRecords.name(revision);
    return revision.hasFailure()
        ? "the build of %s failed: %s".formatted(name, revision.getFailure().getMessage())
        : "%s is still being built, see operation %s".formatted(name, revision.getOperation());
  }

  private static List<String> names(View view, Kind<?> kind) {
    return view.list(kind).stream().map(record -> record.key().name()).toList();
  }
}
