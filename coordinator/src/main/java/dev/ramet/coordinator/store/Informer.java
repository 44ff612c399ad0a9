package dev.ramet.coordinator.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Keeps a {@link View} of all records, fed by one list and one watch, and tells of changes.
 *
 * <p>A watch that ended, fell silent or lost events is noticed and made good: by its end, by asking
 * etcd every few seconds whether the view is complete, and by listing anew from time to time. While
 * that cannot be verified, {@link #staleSince} says so.
 */
public interface Informer {
  /**
   * The live view. Each call on it is consistent in itself; for several calls that must fit
   * together use {@link #read}. Before the first list has come it is empty, at revision 0.
   */
  View view();

  /** Runs a short reader while the view stands still. It must not block. */
  <R> R read(Function<View, R> reader);

  /** Blocks until the first list has come. False when the time is over. */
  boolean awaitSynced(Duration within) throws InterruptedException;

  /** Blocks until the view holds all writes up to this revision. False when the time is over. */
  boolean await(long revision, Duration within) throws InterruptedException;

  /** Since when the view could not be verified; empty while it is fresh. */
  Optional<Instant> staleSince();

  /**
   * Tells of changes, in order, on a thread of the subscription's own; a slow listener delays only
   * itself. First come the records that there are, as changes from nothing.
   *
   * @param interest which keys; must be quick and pure
   * @param changed called with one change at a time; what it throws is logged, and the next one
   *     comes
   * @param fellBehind called once when the listener is so slow that changes had to be dropped; the
   *     subscription is closed then
   */
  Subscription subscribe(
      Predicate<Key<?>> interest, Consumer<Change<?>> changed, Runnable fellBehind);

  /** Tells of all changes. */
  default Subscription subscribe(Consumer<Change<?>> changed, Runnable fellBehind) {
    return subscribe(_ -> true, changed, fellBehind);
  }

  /** Ends when closed; a change may be under way then. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
