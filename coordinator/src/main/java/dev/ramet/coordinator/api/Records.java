package dev.ramet.coordinator.api;

import com.google.protobuf.Message;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** What the services read and write, and how fresh it has to be. */
public final class Records {
  // the view is verified every two seconds: one answer that is late or lost makes it that old
  private static final Duration TOLERATED = Duration.ofSeconds(5);
  private static final String NO_ETCD =
      "etcd does not answer, so nothing certain can be said: see that it runs, then try again";
  private static final Duration CATCH_UP = Duration.ofSeconds(1);

  private final Store store;
  private final Informer informer;
  private final InstantSource clock;

  public Records(Store store, Informer informer, InstantSource clock) {
    this.store = store;
    this.informer = informer;
    this.clock = clock;
  }

  Store store() {
    return store;
  }

  /** Writes all or nothing; see {@link Store#commit(Txn)}. */
  Outcome.OfAnybody commit(Txn txn) {
    return ofAnybody(store.commit(txn));
  }

  /** As {@link #commit(Txn)}, in this time. */
  Outcome.OfAnybody commit(Txn txn, Duration within) {
    return ofAnybody(store.commit(txn, within));
  }

  private static Outcome.OfAnybody ofAnybody(Outcome outcome) {
    return switch (outcome) {
      case Outcome.OfAnybody done -> done;
      case Outcome.Deposed _ -> throw new IllegalStateException("no term was asked for");
    };
  }

  Informer informer() {
    return informer;
  }

  Instant now() {
    return clock.instant();
  }

  /** The view; refused while it has not been verified for longer than a moment. */
  View view() {
    boolean unusable =
        informer.view().revision() == 0
            || informer
                .staleSince()
                .map(since -> Duration.between(since, clock.instant()).compareTo(TOLERATED) > 0)
                .orElse(false);
    if (unusable) {
      throw ErrorCode.STORE_UNAVAILABLE.exception(NO_ETCD);
    }
    return informer.view();
  }

  /**
   * By the view. One that it does not have is looked for in the store itself, for it may be behind:
   * somebody who was just told of a record by this or another coordinator finds it. Refused where
   * the view does not come to have it in a moment.
   */
  <T extends Message> Optional<Versioned<T>> find(Key<T> key) {
    Optional<Versioned<T>> seen = view().get(key);
    if (seen.isPresent()) {
      return seen;
    }
    Optional<Versioned<T>> stored = store.get(key);
    return stored.flatMap(record -> viewAt(record.modRevision()).get(key));
  }

  /** The view with all writes up to this revision; refused where they do not come in a moment. */
  View viewAt(long revision) {
    catchUp(revision);
    View view = view();
    if (view.revision() < revision) {
      throw ErrorCode.STORE_UNAVAILABLE.exception(NO_ETCD);
    }
    return view;
  }

  /** Waits, a moment at most, until the view holds our own write. */
  void catchUp(long revision) {
    try {
      informer.await(revision, CATCH_UP);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
