package dev.ramet.storage;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pool's health and room.
 *
 * @param problem what is wrong, null where the pool is healthy
 * @param free bytes that can still be written
 * @param total bytes in all
 */
public record PoolStatus(@Nullable String problem, ByteSize free, ByteSize total) {

  /** Whether the pool can be used. */
  public boolean healthy() {
    return problem == null;
  }

  /** What is wrong, if something is. */
  public Optional<String> problemIfAny() {
    return Optional.ofNullable(problem);
  }
}
