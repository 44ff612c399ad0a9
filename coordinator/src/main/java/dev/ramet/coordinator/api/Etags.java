package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.store.Versioned;

/** An etag is the revision at which a record was last written. */
final class Etags {
  private Etags() {}

  static String of(Versioned<?> record) {
    return Long.toHexString(record.modRevision());
  }

  /**
   * Refuses where the caller changes something that is not what it saw; an empty etag saw anything.
   */
  static void require(String etag, Versioned<?> record, String what) {
    if (!etag.isEmpty() && !etag.equals(of(record))) {
      throw ErrorCode.ETAG_MISMATCH.exception(
          "%s was changed since it was read: read it again and repeat the change".formatted(what));
    }
  }
}
