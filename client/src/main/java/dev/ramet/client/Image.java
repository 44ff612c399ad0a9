package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A named golden data set.
 *
 * @param latest number of the newest ready revision; 0 while there is none
 * @param revisions all that exist, newest first
 * @param warm null: it has no warm pool
 */
public record Image(
    String name,
    String description,
    Map<String, String> labels,
    String engine,
    long latest,
    List<Revision> revisions,
    @Nullable WarmPool warm,
    ImageLifetime lifetime,
    @Nullable Instant createTime) {

  public Image {
    labels = CloneSpec.ordered(labels);
    revisions = List.copyOf(revisions);
  }
}
