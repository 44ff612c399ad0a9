package dev.ramet.client;

import com.google.protobuf.FieldMask;
import dev.ramet.proto.v1.Image;
import dev.ramet.proto.v1.UpdateImageRequest;
import dev.ramet.proto.v1.WarmPool;
import java.time.Duration;

/** What is to be changed of an image; what is not said stays. Not thread-safe. */
public final class ImageChange {
  private final Image.Builder image = Image.newBuilder();
  private final FieldMask.Builder mask = FieldMask.newBuilder();

  /** Of clones whose creator does not say; zero: what the server says. */
  public ImageChange defaultTtl(Duration length) {
    image.getLifetimeBuilder().setDefaultTtl(ProtoValues.message(length));
    return changed("lifetime.default_ttl");
  }

  /** The longest that may be asked for; zero: what the server says. */
  public ImageChange maxTtl(Duration length) {
    image.getLifetimeBuilder().setMaxTtl(ProtoValues.message(length));
    return changed("lifetime.max_ttl");
  }

  /** As {@link #defaultTtl}, counted from the last use. */
  public ImageChange defaultIdleTtl(Duration length) {
    image.getLifetimeBuilder().setDefaultIdleTtl(ProtoValues.message(length));
    return changed("lifetime.default_idle_ttl");
  }

  /** As {@link #maxTtl}, counted from the last use. */
  public ImageChange maxIdleTtl(Duration length) {
    image.getLifetimeBuilder().setMaxIdleTtl(ProtoValues.message(length));
    return changed("lifetime.max_idle_ttl");
  }

  /** The longest protection; zero: what the server says. */
  public ImageChange maxProtect(Duration length) {
    image.getLifetimeBuilder().setMaxProtect(ProtoValues.message(length));
    return changed("lifetime.max_protect");
  }

  /**
   * How many clones of the latest revision are kept started for whoever comes next. They come and
   * go as the hosts have room.
   *
   * @param min at least so many; 0 with max 0: none
   * @param max at most so many where many are created; 0: min
   */
  public ImageChange warm(int min, int max) {
    image.setWarm(WarmPool.newBuilder().setMin(min).setMax(max));
    return changed("warm");
  }

  private ImageChange changed(String path) {
    mask.addPaths(path);
    return this;
  }

  /** Nothing was said. */
  public boolean isEmpty() {
    return mask.getPathsCount() == 0;
  }

  UpdateImageRequest request(String name) {
    return UpdateImageRequest.newBuilder()
        .setImage(image.clone().setName(name))
        .setUpdateMask(mask)
        .build();
  }
}
