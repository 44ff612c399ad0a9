package dev.ramet.agent.server;

import io.grpc.Context;

/** Interrupts the thread of a call when its caller leaves, until it is closed. */
final class CallerWatch implements AutoCloseable {
  private final Context call = Context.current();
  private final Thread worker = Thread.currentThread();
  private final Context.CancellationListener left = _ -> interrupt();
  private boolean closed;

  private CallerWatch() {}

  static CallerWatch begin() {
    CallerWatch watch = new CallerWatch();
    watch.call.addListener(watch.left, Runnable::run);
    return watch;
  }

  private synchronized void interrupt() {
    if (!closed) {
      worker.interrupt();
    }
  }

  @Override
  public void close() {
    call.removeListener(left);
    synchronized (this) {
      closed = true;
    }
  }
}
