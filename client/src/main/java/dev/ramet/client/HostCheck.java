package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one host holds against what the records want there.
 *
 * @param failure why it could not be asked; the rest is empty then
 * @param things all that is there
 * @param missing what records want there and is not
 * @param leftovers what a pool could not make sense of
 * @param reaping orphans are to be removed at once, and that is not done yet
 */
public record HostCheck(
    String host,
    @Nullable Failure failure,
    List<Thing> things,
    List<Missing> missing,
    List<Leftover> leftovers,
    boolean reaping) {

  public HostCheck {
    things = List.copyOf(things);
    missing = List.copyOf(missing);
    leftovers = List.copyOf(leftovers);
  }

  /** What it holds is what the records want, as far as it is ours; and it could be asked. */
  public boolean agrees() {
    return failure == null
        && missing.isEmpty()
        && leftovers.isEmpty()
        && things.stream()
            .allMatch(thing ->
                thing.standing() == Standing.WANTED || thing.standing() == Standing.FOREIGN);
  }

  /** What no record wants. */
  public List<Thing> orphans() {
    return things.stream().filter(thing -> thing.standing() == Standing.ORPHAN).toList();
  }

  /** What is on hosts. */
  public enum Kind {
    VOLUME,
    SNAPSHOT,
    INSTANCE,
    /** A kind that this version of the client does not know. */
    UNKNOWN
  }

  /** Whether it is wanted. */
  public enum Standing {
    WANTED,
    /** No record wants it: it is removed after the grace period. */
    ORPHAN,
    /** A record that cannot be read may want it: it stays. */
    PROTECTED,
    /** Not made by Ramet: it stays. */
    FOREIGN,
    /** One that this version of the client does not know. */
    UNKNOWN
  }

  /**
   * Something on the host.
   *
   * @param pool empty for an instance
   * @param ownBytes of an orphaned volume: what removing it frees; 0: not known
   * @param since when an orphan is known; null: the leader has not seen it yet
   */
  public record Thing(
      Kind kind,
      String id,
      String pool,
      Standing standing,
      long ownBytes,
      @Nullable Instant since) {}

  /**
   * Something that a record wants there.
   *
   * @param wantedBy {@code clone fix-1}, {@code revision app:7}
   */
  public record Missing(Kind kind, String id, String pool, String wantedBy) {}

  /** Something in a pool that is neither a whole volume nor a whole snapshot. */
  public record Leftover(String pool, String name, String reason) {}
}
