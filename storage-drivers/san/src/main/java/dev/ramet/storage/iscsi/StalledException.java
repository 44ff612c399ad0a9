package dev.ramet.storage.iscsi;

import java.io.IOException;

/** A device did not answer any more, and what waited for it was given up. */
final class StalledException extends IOException {
  StalledException(String message) {
    super(message);
  }
}
