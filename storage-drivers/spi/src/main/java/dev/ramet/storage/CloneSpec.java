package dev.ramet.storage;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a clone differs from its origin.
 *
 * @param limit the most that the clone's file system may hold; null: the origin's size
 */
public record CloneSpec(@Nullable ByteSize limit) {
  /** No difference. */
  public static final CloneSpec LIKE_ORIGIN = new CloneSpec(null);

  /** The limit, where there is one. */
  public Optional<ByteSize> limitIfAny() {
    return Optional.ofNullable(limit);
  }
}
