package dev.ramet.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, or is so, with a clone, an image, a host or an operation.
 *
 * @param time null where it was so before and nothing says since when
 * @param name {@code fix-1}, {@code app:7}, {@code host-a}, an operation's id
 * @param type {@code CLONE_READY}; new ones come with later versions of the server
 * @param message one line: what happened and why
 * @param code of the failure or warning behind it; else empty
 * @param present it was so when one began to look
 */
public record Event(
    @Nullable Instant time,
    Kind kind,
    String name,
    String type,
    String message,
    String code,
    boolean present) {

  /** What it is about. */
  public enum Kind {
    CLONE,
    /** Images and their revisions. */
    IMAGE,
    HOST,
    OPERATION,
    /** A kind that this version of the client does not know. */
    UNKNOWN
  }

  /** The same is told, whenever. */
  boolean saysTheSameAs(Event other) {
    return type.equals(other.type) && message.equals(other.message) && code.equals(other.code);
  }
}
