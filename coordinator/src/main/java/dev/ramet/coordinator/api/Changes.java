package dev.ramet.coordinator.api;

import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the untyped ends of a change. */
final class Changes {
  private Changes() {}

  static Optional<CloneRecord> clone(@Nullable Versioned<?> end) {
    return end != null && end.value() instanceof CloneRecord clone
        ? Optional.of(clone)
        : Optional.empty();
  }
}
