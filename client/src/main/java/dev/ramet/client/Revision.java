package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One build of an image: immutable once it is ready.
 *
 * @param source where it came from, without any password
 * @param database the one that a clone's URL leads to
 * @param volumeBytes virtual size: the most that a clone of it can hold
 * @param dataBytes what the data take in the pool
 * @param operation id of the operation that builds or built it
 */
public record Revision(
    String image,
    long number,
    State state,
    @Nullable Failure failure,
    String engine,
    String engineVersion,
    String source,
    String database,
    List<String> databases,
    long volumeBytes,
    long dataBytes,
    List<Replica> replicas,
    @Nullable Instant createTime,
    @Nullable Instant readyTime,
    String operation) {

  public Revision {
    databases = List.copyOf(databases);
    replicas = List.copyOf(replicas);
  }

  /** Where the revision is in its life. */
  public enum State {
    BUILDING,
    READY,
    FAILED,
    DELETING,
    /** A state that this version of the client does not know. */
    UNKNOWN
  }

  /** {@code image:number}. */
  public String reference() {
    return image + ":" + number;
  }
}
