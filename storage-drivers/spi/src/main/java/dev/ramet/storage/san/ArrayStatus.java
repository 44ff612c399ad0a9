package dev.ramet.storage.san;

import dev.ramet.storage.ByteSize;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How an array is.
 *
 * @param problem what is wrong, null where it can be used
 * @param description what it says of itself: model, version
 * @param free bytes that can still be written
 * @param total bytes in all
 */
public record ArrayStatus(
    @Nullable String problem, String description, ByteSize free, ByteSize total) {

  /** Whether it can be used. */
  public boolean healthy() {
    return problem == null;
  }

  /** What is wrong, if something is. */
  public Optional<String> problemIfAny() {
    return Optional.ofNullable(problem);
  }
}
