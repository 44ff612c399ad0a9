package dev.ramet.agent.server;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers of a streaming call, written from a virtual thread of its own that blocks while the
 * caller is slow to read. Only that thread may send.
 */
final class ServerStream<T> {
  private static final Logger LOG = LoggerFactory.getLogger(ServerStream.class);

  private final ServerCallStreamObserver<T> out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread writer;

  /** Writes the answers; returning ends the call well, throwing ends it with that error. */
  @FunctionalInterface
  interface Body<T> {
    void write(ServerStream<T> stream) throws InterruptedException;
  }

  /** Interrupt: whether the body's thread is interrupted when the caller leaves. */
  private ServerStream(StreamObserver<T> observer, Body<T> body, boolean interrupt) {
    out = (ServerCallStreamObserver<T>) observer;
    writer = Thread.ofVirtual().name("stream").unstarted(() -> run(body));
    out.setOnReadyHandler(this::wake);
    out.setOnCancelHandler(() -> {
      wake();
      if (interrupt) {
        writer.interrupt();
      }
    });
  }

  /** Begins to answer; to be called within the service method. */
  static <T> void open(StreamObserver<T> observer, Body<T> body) {
    new ServerStream<>(observer, body, false).writer.start();
  }

  /** As {@link #open}, for a body that waits for long: it is interrupted when the caller leaves. */
  static <T> void openInterruptibly(StreamObserver<T> observer, Body<T> body) {
    new ServerStream<>(observer, body, true).writer.start();
  }

  /**
   * Sends one answer; waits while the caller does not take what was sent before.
   *
   * @throws CancellationException when the caller has left
   */
  void send(T answer) throws InterruptedException {
    lock.lock();
    try {
      while (!out.isReady()) {
        throwIfCancelled();
        // the handlers wake this up; the time limit is only a second line of defence
        boolean woken = changed.await(1, TimeUnit.SECONDS);
        if (!woken) {
          throwIfCancelled();
        }
      }
    } finally {
      lock.unlock();
    }
    out.onNext(answer);
  }

  private void throwIfCancelled() {
    if (out.isCancelled()) {
      throw new CancellationException("the caller left");
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run(Body<T> body) {
    try {
      body.write(this);
      out.onCompleted();
    } catch (CancellationException e) {
      LOG.debug("a stream ends: its caller left");
    } catch (InterruptedException | RuntimeException e) {
      if (!out.isCancelled()) {
        out.onError(GrpcErrors.of(e));
      }
    }
  }
}
