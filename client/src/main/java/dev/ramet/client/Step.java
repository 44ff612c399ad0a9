package dev.ramet.client;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of a piece of work and the time it took.
 *
 * @param startTime null while it waits
 * @param elapsed so far, or in all once it is over
 * @param bytesTotal 0 where it is not known
 */
public record Step(
    String name,
    State state,
    @Nullable Instant startTime,
    Duration elapsed,
    long bytesDone,
    long bytesTotal) {

  /** Where the step stands. */
  public enum State {
    WAITING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    /** A state that this version of the client does not know. */
    UNKNOWN
  }
}
