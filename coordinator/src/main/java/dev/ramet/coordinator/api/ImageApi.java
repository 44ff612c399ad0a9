package dev.ramet.coordinator.api;

import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.DeleteRevisionRequest;
import dev.ramet.proto.v1.GetImageRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.ImageEvent;
import dev.ramet.proto.v1.ImageServiceGrpc;
import dev.ramet.proto.v1.ListImagesRequest;
import dev.ramet.proto.v1.ListImagesResponse;
import dev.ramet.proto.v1.ListRevisionsRequest;
import dev.ramet.proto.v1.ListRevisionsResponse;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.PromoteSaveRequest;
import dev.ramet.proto.v1.Revision;
import dev.ramet.proto.v1.UpdateImageRequest;
import dev.ramet.proto.v1.WatchImagesRequest;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** The images' part of the public API. */
public final class ImageApi extends ImageServiceGrpc.ImageServiceImplBase {
  private final Records records;
  private final ImageBuilds builds;
  private final ImageUpdates updates;
  private final ImageDeletions deletions;
  private final ImagePromotions promotions;

  public ImageApi(
      Records records,
      Fleet fleet,
      Arrays arrays,
      Placement placement,
      VolumeSizing sizing,
      LifetimePolicy policy) {
    this.records = records;
    this.builds = new ImageBuilds(records, new Agents(fleet, arrays), placement, sizing);
    this.updates = new ImageUpdates(records, policy);
    this.deletions = new ImageDeletions(records);
    this.promotions = new ImagePromotions(records);
  }

  @Override
  public void buildImage(BuildImageRequest request, StreamObserver<Operation> observer) {
    Answers.answer(request, observer, builds::build);
  }

  @Override
  public void getImage(GetImageRequest request, StreamObserver<Image> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          View view = records.view();
          return ImageMessages.image(view, Lookups.image(view, asked.getName()), records.now());
        });
  }

  @Override
  public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().pageSize(asked.getPageSize()).done();
          View view = records.view();
          Pages.Cut<Versioned<ImageRecord>> page =
              Pages.cut(
                  view.list(Kind.IMAGE),
                  image -> image.key().name(),
                  asked.getPageSize(),
                  asked.getPageToken(),
                  ListImagesRequest.getDefaultInstance());
          ListImagesResponse.Builder answer =
              ListImagesResponse.newBuilder().setNextPageToken(page.nextToken());
          page.items()
              .forEach(image -> answer.addImages(ImageMessages.image(view, image, records.now())));
          return answer.build();
        });
  }

  @Override
  public void promoteSave(PromoteSaveRequest request, StreamObserver<Operation> observer) {
    Answers.answer(request, observer, promotions::promote);
  }

  @Override
  public void updateImage(UpdateImageRequest request, StreamObserver<Image> observer) {
    Answers.answer(request, observer, updates::update);
  }

  @Override
  public void deleteImage(DeleteImageRequest request, StreamObserver<Operation> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("name", asked.getName()).done();
          return deletions.deleteImage(asked.getName());
        });
  }

  @Override
  public void getRevision(GetRevisionRequest request, StreamObserver<Revision> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck()
              .name("image", asked.getImage())
              .notNegative("number", asked.getNumber())
              .done();
          View view = records.view();
          Lookups.image(view, asked.getImage());
          Versioned<RevisionRecord> revision =
              asked.getNumber() > 0
                  ? Lookups.revision(view, asked.getImage(), asked.getNumber())
                  : RevisionRecords.latest(view, asked.getImage())
                      .orElseThrow(() ->
                          ErrorCode.REVISION_NOT_FOUND.exception(
                              "image '%s' has no ready revision".formatted(asked.getImage())));
          return ImageMessages.revision(revision.value());
        });
  }

  @Override
  public void listRevisions(
      ListRevisionsRequest request, StreamObserver<ListRevisionsResponse> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck().name("image", asked.getImage()).pageSize(asked.getPageSize()).done();
          View view = records.view();
          Lookups.image(view, asked.getImage());
          Pages.Cut<Versioned<RevisionRecord>> page =
              Pages.cut(
                  view.list(Kind.REVISION, asked.getImage()),
                  revision -> revision.key().path(),
                  asked.getPageSize(),
                  asked.getPageToken(),
                  asked.toBuilder().clearPageSize().clearPageToken().build());
          ListRevisionsResponse.Builder answer =
              ListRevisionsResponse.newBuilder().setNextPageToken(page.nextToken());
          page.items()
              .forEach(revision -> answer.addRevisions(ImageMessages.revision(revision.value())));
          return answer.build();
        });
  }

  @Override
  public void deleteRevision(DeleteRevisionRequest request, StreamObserver<Operation> observer) {
    Answers.answer(
        request,
        observer,
        asked -> {
          new RequestCheck()
              .name("image", asked.getImage())
              .require(asked.getNumber() > 0, "number", "is missing")
              .done();
          return deletions.deleteRevision(asked.getImage(), asked.getNumber());
        });
  }

  @Override
  public void watchImages(WatchImagesRequest request, StreamObserver<ImageEvent> observer) {
    try {
      UnknownFields.refuse(request);
      records.view();
      WatchStream.open(records.informer(), ImageApi::concerns, observer, this::follow);
    } catch (RuntimeException error) {
      observer.onError(StatusMapping.status(error));
    }
  }

  private static boolean concerns(Key<?> key) {
    return key.kind() == Kind.IMAGE || key.kind() == Kind.REVISION;
  }

  private void follow(Change<?> change, WatchStream<ImageEvent> stream) {
    String name = change.key().name();
    View view = records.informer().view();
    Optional<Versioned<ImageRecord>> image = view.get(Keys.image(name));
    if (image.isPresent()) {
      stream.offer(
          name,
          ImageEvent.newBuilder()
              .setImage(ImageMessages.image(view, image.get(), records.now()))
              .build());
    } else if (change.key().kind() == Kind.IMAGE) {
      stream.offer(name, ImageMessages.gone(name));
    }
  }
}
