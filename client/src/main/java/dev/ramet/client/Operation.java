package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A long-running piece of work on the server.
 *
 * @param target what it works on: {@code app:7}
 * @param failure set where the work failed; {@code done} is true then
 * @param endTime null until it is done
 */
public record Operation(
    String id,
    Kind kind,
    String target,
    boolean done,
    @Nullable Failure failure,
    List<Step> steps,
    @Nullable Instant createTime,
    @Nullable Instant endTime) {

  public Operation {
    steps = List.copyOf(steps);
  }

  /** What is being done. */
  public enum Kind {
    BUILD_IMAGE,
    DELETE_REVISION,
    DELETE_IMAGE,
    DELETE_HOST,
    /** A kind that this version of the client does not know. */
    UNKNOWN
  }
}
