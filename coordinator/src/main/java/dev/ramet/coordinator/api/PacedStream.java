package dev.ramet.coordinator.api;

import dev.ramet.coordinator.fleet.Cancellation;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CancellationException;

/**
 * A stream that is sent no faster than its caller reads: {@link #send} waits, so that whoever
 * produces waits too and nothing piles up in memory.
 *
 * <p>Threads: one sender; gRPC's own threads wake it.
 */
final class PacedStream<M> {
  private final ServerCallStreamObserver<M> observer;
  private final Cancellation cancellation = new Cancellation();

  private PacedStream(ServerCallStreamObserver<M> observer) {
    this.observer = observer;
  }

  /** Must be called by the service method itself; the sender must be another thread. */
  static <M> PacedStream<M> open(ServerCallStreamObserver<M> observer) {
    PacedStream<M> stream = new PacedStream<>(observer);
    observer.setOnReadyHandler(stream::wake);
    observer.setOnCancelHandler(stream::cancelled);
    return stream;
  }

  /** Cancelled when the caller leaves. */
  Cancellation cancellation() {
    return cancellation;
  }

  /**
   * Waits until the caller has room, then sends.
   *
   * @throws CancellationException the caller has left
   */
  synchronized void send(M message) {
    while (!observer.isReady()) {
      if (observer.isCancelled()) {
        throw new CancellationException("the caller has left");
      }
      try {
        wait();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted");
      }
    }
    observer.onNext(message);
  }

  private synchronized void wake() {
    notifyAll();
  }

  private void cancelled() {
    cancellation.cancel();
    wake();
  }
}
