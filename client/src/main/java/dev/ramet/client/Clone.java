package dev.ramet.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A clone as the coordinator told it last.
 *
 * @param uid differs between two clones that had the same name one after the other
 * @param spec what was asked for
 * @param failure set in the states {@link State#FAILED} and {@link State#OVER_CAP}
 * @param image what {@code spec.image()} led to when the clone was made
 * @param revision see {@code image}
 * @param endpoint null until the coordinator has chosen a port
 * @param password empty until the clone is ready
 * @param url {@code postgres://user:password@host:port/database}; empty until the clone is ready
 * @param timings steps of the creation, in order
 * @param totalTime from the request to {@link State#READY}; zero until then
 * @param readyTime null until then
 * @param life how long it lives, and what became of it on the way
 * @param warm it was taken from its image's warm pool, not made
 * @param hostLost the host has not been heard of lately: {@code state} is the last one known
 */
public record Clone(
    String name,
    String uid,
    CloneSpec spec,
    State state,
    @Nullable Failure failure,
    String image,
    long revision,
    String host,
    String runtime,
    @Nullable Endpoint endpoint,
    String database,
    String user,
    Secret password,
    Secret url,
    List<Step> timings,
    Duration totalTime,
    Placement placement,
    @Nullable Instant createTime,
    @Nullable Instant readyTime,
    CloneLife life,
    boolean warm,
    boolean hostLost) {

  public Clone {
    timings = List.copyOf(timings);
  }

  /** Where a clone is in its life. */
  public enum State {
    PENDING,
    PROVISIONING,
    READY,
    STOPPED,
    RESETTING,
    DELETING,
    FAILED,
    /** It has grown as much as it may, and is frozen. */
    OVER_CAP,
    /** A state that this version of the client does not know. */
    UNKNOWN
  }
}
