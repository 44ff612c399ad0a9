package dev.ramet.client;

import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.DeleteRevisionRequest;
import dev.ramet.proto.v1.GetImageRequest;
import dev.ramet.proto.v1.GetRevisionRequest;
import dev.ramet.proto.v1.ImageServiceGrpc;
import dev.ramet.proto.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.ramet.proto.v1.ListImagesRequest;
import dev.ramet.proto.v1.ListImagesResponse;
import dev.ramet.proto.v1.PromoteSaveRequest;
import dev.ramet.proto.v1.UpdateImageRequest;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Images and their revisions. Thread-safe. Every method may throw {@link RametException}. */
public final class Images {
  private static final int PAGE = 1000;

  /** A host looks at the source before the build is recorded: a server far away may be slow. */
  private static final Duration SOURCE_LOOK = Duration.ofSeconds(30);

  private final Connection connection;
  private final ImageServiceBlockingStub stub;
  private final Operations operations;

  Images(Connection connection, Channel channel, Operations operations) {
    this.connection = connection;
    this.stub = ImageServiceGrpc.newBlockingStub(channel);
    this.operations = operations;
  }

  /**
   * Asks for the next revision of an image; the image itself is made with its first build.
   *
   * <p>Repeat: the same {@code requestId} leads to the same operation.
   */
  public Pending<Operation> build(ImageBuild build) {
    BuildImageRequest request =
        BuildImageRequest.newBuilder()
            .setName(build.name())
            .setSource(build.source().reveal())
            .setEngine(build.engine())
            .setHost(build.host())
            .setReplicas(build.replicas())
            .setDatabase(build.database())
            .setDescription(build.description())
            .putAllLabels(build.labels())
            .setRequestId(build.requestId())
            .build();
    return operations.pending(connection.call(stub, SOURCE_LOOK, s -> s.buildImage(request)));
  }

  /**
   * Asks for the next revision of an image to be made from a save; the image itself is made with
   * its first.
   *
   * @param save {@code clone@save}
   */
  public Pending<Operation> promote(String save, String image) {
    PromoteSaveRequest request =
        PromoteSaveRequest.newBuilder()
            .setSave(save)
            .setName(image)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    return operations.pending(connection.call(stub, s -> s.promoteSave(request)));
  }

  /** NOT_FOUND where there is none. */
  public Image get(String name) {
    GetImageRequest request = GetImageRequest.newBuilder().setName(name).build();
    return ProtoValues.image(connection.call(stub, s -> s.getImage(request)));
  }

  /**
   * NOT_FOUND where there is none.
   *
   * @param number 0: the latest ready one
   */
  public Revision getRevision(String image, long number) {
    GetRevisionRequest request =
        GetRevisionRequest.newBuilder().setImage(image).setNumber(number).build();
    return ProtoValues.revision(connection.call(stub, s -> s.getRevision(request)));
  }

  /**
   * Changes what holds for an image and for clones that are made of it from now on. NOT_FOUND where
   * there is none; INVALID_ARGUMENT, changing nothing, where the server allows less.
   *
   * <p>Repeat: the same again.
   */
  public Image update(String name, ImageChange change) {
    UpdateImageRequest request = change.request(name);
    return ProtoValues.image(connection.call(stub, s -> s.updateImage(request)));
  }

  /** All images, by name. */
  public List<Image> list() {
    List<Image> images = new ArrayList<>();
    String page = "";
    do {
      ListImagesRequest request =
          ListImagesRequest.newBuilder().setPageSize(PAGE).setPageToken(page).build();
      ListImagesResponse response = connection.call(stub, s -> s.listImages(request));
      response.getImagesList().forEach(image -> images.add(ProtoValues.image(image)));
      page = response.getNextPageToken();
    } while (!page.isEmpty());
    return images;
  }

  /**
   * Asks for the end of an image with all its revisions. {@link ErrorKind#PRECONDITION}, naming the
   * clones and altering nothing, while any revision has some. What is missing is deleted at once.
   */
  public Pending<Operation> delete(String name) {
    DeleteImageRequest request = DeleteImageRequest.newBuilder().setName(name).build();
    return operations.pending(connection.call(stub, s -> s.deleteImage(request)));
  }

  /** Like {@link #delete}, for one revision. */
  public Pending<Operation> deleteRevision(String image, long number) {
    DeleteRevisionRequest request =
        DeleteRevisionRequest.newBuilder().setImage(image).setNumber(number).build();
    return operations.pending(connection.call(stub, s -> s.deleteRevision(request)));
  }
}
