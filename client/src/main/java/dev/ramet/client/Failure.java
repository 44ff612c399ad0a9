package dev.ramet.client;

import java.util.List;

/**
 * Why a piece of work failed on the server.
 *
 * @param code UPPER_SNAKE_CASE, documented, stable
 * @param message one line: what happened, to which thing, what to do next
 * @param retryable the same request may succeed later without anybody changing it
 * @param logTail last lines of the log of the program that failed, oldest first; may be empty
 */
public record Failure(String code, String message, boolean retryable, List<String> logTail) {
  public Failure {
    logTail = List.copyOf(logTail);
  }
}
