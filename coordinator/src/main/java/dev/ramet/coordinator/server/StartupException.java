package dev.ramet.coordinator.server;

/** The coordinator cannot start; the message is for its operator. */
final class StartupException extends RuntimeException {
  StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
