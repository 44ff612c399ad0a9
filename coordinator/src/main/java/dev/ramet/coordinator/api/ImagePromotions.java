package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.names.DnsLabel;
import dev.ramet.coordinator.names.SaveName;
import dev.ramet.coordinator.names.Uids;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.store.v1.SavedData;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.PromoteSaveRequest;
import dev.ramet.proto.v1.Revision;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/** Records that a save of a clone is to become the next revision of an image. */
final class ImagePromotions {
  private static final int MAX_ATTEMPTS = 8;

  private final Records records;
  private final SecureRandom random = new SecureRandom();

  ImagePromotions(Records records) {
    this.records = records;
  }

  Operation promote(PromoteSaveRequest request) {
    new RequestCheck()
        .require(
            SaveName.parse(request.getSave()).isPresent(),
            "save",
            "%s is not 'clone@save'".formatted(DnsLabel.quote(request.getSave())))
        .name("name", request.getName())
        .uuidOrEmpty("request_id", request.getRequestId())
        .done();
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      Optional<Operation> recorded = attempt(request);
      if (recorded.isPresent()) {
        return recorded.get();
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception(
        "image %s is being changed by others: try again".formatted(request.getName()));
  }

  private Optional<Operation> attempt(PromoteSaveRequest request) {
    View view = records.view();
    Optional<Operation> earlier = earlier(view, request);
    if (earlier.isPresent()) {
      return earlier;
    }
    SaveName name = SaveName.parse(request.getSave()).orElseThrow();
    KeptSave kept = KeptSave.find(view, name);
    String engine = kept.record().getData().getEngine();
    Optional<Versioned<ImageRecord>> image = view.get(Keys.image(request.getName()));
    image.ifPresent(found -> requireFits(found.value(), engine));
    long number = image.map(found -> found.value().getNextRevision()).orElse(1L);
    String operation = Operations.newId();
    Instant now = records.now();
    RevisionRecord revision = revision(request, kept, number, operation, now);
    Txn txn =
        image.isPresent()
            ? Txn.begin()
                .update(
                    image.get(),
                    image.get().value().toBuilder().setNextRevision(number + 1).build())
            : Txn.begin().create(Keys.image(request.getName()), newImage(request, engine, now));
    txn =
        kept.branchedIn(txn)
            .create(Keys.revision(request.getName(), number), revision)
            .create(
                Keys.operation(operation),
                Operations.record(
                    operation, Operation.Kind.BUILD_IMAGE, RevisionRecords.name(revision), now));
    return commit(txn, operation);
  }

  private Optional<Operation> commit(Txn txn, String operation) {
    return switch (records.commit(txn)) {
      case Outcome.Committed committed -> {
        records.catchUp(committed.revision());
        yield Optional.of(committed.written(Keys.operation(operation)).value().getOperation());
      }
      case Outcome.Conflict conflict -> {
        records.catchUp(conflict.revision());
        yield Optional.empty();
      }
    };
  }

  private static Optional<Operation> earlier(View view, PromoteSaveRequest request) {
    if (request.getRequestId().isEmpty()) {
      return Optional.empty();
    }
    return view.list(Kind.REVISION, request.getName()).stream()
        .map(Versioned::value)
        .filter(revision -> revision.getRequestId().equals(request.getRequestId()))
        .findFirst()
        .flatMap(revision -> {
          if (!revision.getRequestDigest().equals(request.getSave())) {
            throw ErrorCode.REQUEST_ID_REUSED.exception(
                "request_id %s was used for another build of %s: take a new one"
                    .formatted(request.getRequestId(), RevisionRecords.name(revision)));
          }
          return view.get(Keys.operation(revision.getOperation()))
              .map(record -> record.value().getOperation());
        });
  }

  private static void requireFits(ImageRecord image, String engine) {
    String name = image.getMeta().getName();
    Lookups.requireKept(image.getMeta().hasDeleteTime(), "image '%s'".formatted(name));
    if (!image.getEngine().equals(engine)) {
      throw ErrorCode.IMAGE_ENGINE_DIFFERS.exception(
          "image %s is of engine %s, not %s: take another name"
              .formatted(name, image.getEngine(), engine));
    }
  }

  private RevisionRecord revision(
      PromoteSaveRequest request, KeptSave kept, long number, String operation, Instant now) {
    SaveRecord save = kept.record();
    SavedData data = save.getData();
    return RevisionRecord.newBuilder()
        .setMeta(
            Meta.newBuilder()
                .setName(request.getName() + "-" + number)
                .setUid(Uids.next(random))
                .setGeneration(1)
                .setCreateTime(Times.message(now)))
        .setImage(request.getName())
        .setNumber(number)
        .setEngine(data.getEngine())
        .setEngineVersion(data.getEngineVersion())
        .setSourceDescription("save " + request.getSave())
        .setBuildHost(save.getHost())
        .setBuildPool(save.getPool())
        .setRuntime(kept.owner().value().getAssignment().getRuntime())
        .setOperation(operation)
        .setRequestId(request.getRequestId())
        .setRequestDigest(request.getSave())
        .setFromSnapshot(save.getSnapshot())
        .setFromData(data)
        .setState(Revision.State.BUILDING)
        .setVolumeBytes(data.getVolumeBytes())
        .build();
  }

  private ImageRecord newImage(PromoteSaveRequest request, String engine, Instant now) {
    return ImageRecord.newBuilder()
        .setMeta(
            Meta.newBuilder()
                .setName(request.getName())
                .setUid(Uids.next(random))
                .setGeneration(1)
                .setCreateTime(Times.message(now)))
        .setEngine(engine)
        .setNextRevision(2)
        .build();
  }
}
