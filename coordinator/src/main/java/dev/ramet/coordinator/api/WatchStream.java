package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One watching caller. What it has not read yet is kept one message per key, the newest: a slow
 * reader misses steps in between, never the end, and costs nobody else anything.
 *
 * <p>Threads: offered to by the informer's subscription, drained by it or by gRPC; one lock.
 */
final class WatchStream<M> {
  private final ServerCallStreamObserver<M> observer;
  private final LinkedHashMap<String, M> pending = new LinkedHashMap<>();
  private boolean ending;
  private boolean over;
  private Optional<Informer.Subscription> subscription = Optional.empty();

  private WatchStream(ServerCallStreamObserver<M> observer) {
    this.observer = observer;
  }

  /** What becomes of a change: messages offered to the stream, or its end. */
  interface Translation<M> {
    void translate(Change<?> change, WatchStream<M> stream);
  }

  /**
   * Feeds a caller until it leaves, or the translation ends it. Must be called by the service
   * method itself.
   *
   * @param interest keys whose changes the translation wants to see
   */
  static <M> WatchStream<M> open(
      Informer informer,
      Predicate<Key<?>> interest,
      StreamObserver<M> observer,
      Translation<M> translation) {
    WatchStream<M> stream = new WatchStream<>((ServerCallStreamObserver<M>) observer);
    stream.observer.setOnReadyHandler(stream::drain);
    stream.observer.setOnCancelHandler(stream::close);
    Consumer<Change<?>> feed =
        change -> {
          if (!stream.isOver()) {
            translation.translate(change, stream);
          }
        };
    stream.subscribed(informer.subscribe(interest, feed, stream::fellBehind));
    return stream;
  }

  /** Sends this, or keeps it in the place of an older message of the same key. */
  void offer(String key, M message) {
    synchronized (this) {
      if (over || ending) {
        return;
      }
      pending.remove(key);
      pending.put(key, message);
    }
    drain();
  }

  /** Ends the stream well after what was offered has been sent. */
  void end() {
    synchronized (this) {
      ending = true;
    }
    drain();
  }

  private void drain() {
    boolean finished;
    synchronized (this) {
      while (!over && !pending.isEmpty() && observer.isReady()) {
        observer.onNext(pending.pollFirstEntry().getValue());
      }
      finished = ending && !over && pending.isEmpty();
      if (finished) {
        over = true;
        observer.onCompleted();
      }
    }
    if (finished) {
      close();
    }
  }

  private void fellBehind() {
    synchronized (this) {
      if (!over) {
        over = true;
        observer.onError(
            StatusMapping.status(
                ErrorCode.STORE_UNAVAILABLE.fault("too many changes at once: watch again")));
      }
    }
  }

  private synchronized boolean isOver() {
    return over;
  }

  private void subscribed(Informer.Subscription made) {
    boolean late;
    synchronized (this) {
      subscription = Optional.of(made);
      late = over;
    }
    if (late) {
      made.close();
    }
  }

  private void close() {
    Optional<Informer.Subscription> made;
    synchronized (this) {
      over = true;
      pending.clear();
      made = subscription;
    }
    made.ifPresent(Informer.Subscription::close);
  }
}
