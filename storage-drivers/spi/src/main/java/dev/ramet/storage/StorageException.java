package dev.ramet.storage;

import org.jspecify.annotations.Nullable;

/** A storage verb failed. The message says what happened, to which thing, and what to do next. */
public final class StorageException extends RuntimeException {
  private final StorageError error;

  public StorageException(StorageError error, String message) {
    this(error, message, null);
  }

  public StorageException(StorageError error, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.error = error;
  }

  /** Why. */
  public StorageError error() {
    return error;
  }
}
