package dev.ramet.agent.server;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Work that goes on whether or not anybody watches, and that any number of calls may watch.
 *
 * @param <P> what watchers are told: the newest progress, and at last the result
 */
final class Job<P> {
  /** Watchers are told at most this often. */
  private static final long BETWEEN_MESSAGES_MILLIS = 200;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable P newest;
  private long version;
  private boolean ended;
  private @Nullable RuntimeException failure;

  /** What the work does. */
  @FunctionalInterface
  interface Work<P> {
    void run(Job<P> job) throws InterruptedException;
  }

  /** Takes what a watcher is told. */
  @FunctionalInterface
  interface Watcher<P> {
    void accept(P progress) throws InterruptedException;
  }

  /** Tells watchers where the work is; the last one told before the end is the result. */
  void publish(P progress) {
    lock.lock();
    try {
      newest = progress;
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void end(@Nullable RuntimeException why) {
    lock.lock();
    try {
      ended = true;
      failure = why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the job has ended, well or not. */
  void awaitEnd() throws InterruptedException {
    lock.lock();
    try {
      while (!ended) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells the watcher of the newest progress until the job ends; what it is told last is the
   * result. Throws what the job failed with, and what the watcher throws; the job goes on then.
   */
  void watch(Watcher<P> watcher) throws InterruptedException {
    View<P> view = awaitNewer(0);
    long told = 0;
    while (true) {
      if (view.failure() != null) {
        throw view.failure();
      }
      if (view.newest() != null && view.version() > told) {
        watcher.accept(view.newest());
        told = view.version();
      }
      if (view.ended()) {
        return;
      }
      pause();
      view = awaitNewer(told);
    }
  }

  private record View<P>(
      @Nullable P newest, long version, boolean ended, @Nullable RuntimeException failure) {}

  private View<P> awaitNewer(long seen) throws InterruptedException {
    lock.lock();
    try {
      while (!ended && version == seen) {
        changed.await();
      }
      return new View<>(newest, version, ended, failure);
    } finally {
      lock.unlock();
    }
  }

  private void pause() throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(BETWEEN_MESSAGES_MILLIS);
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
