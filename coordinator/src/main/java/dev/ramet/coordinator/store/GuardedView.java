package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The view for any number of threads: one writer, many readers, and those who wait for a revision.
 */
final class GuardedView implements View {
  private final LiveView view = new LiveView();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final List<ChangeQueue> listeners = new ArrayList<>();
  private final ReentrantLock waiting = new ReentrantLock();
  private final Condition progress = waiting.newCondition();
  private volatile long revision;

  <R> R read(Function<View, R> reader) {
    return readLive(reader::apply);
  }

  <R> R readLive(Function<LiveView, R> reader) {
    lock.readLock().lock();
    try {
      return reader.apply(view);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Changes the view; the listeners are told of what changed, in the same order for all. */
  void write(Function<LiveView, Collection<Change<?>>> writer) {
    lock.writeLock().lock();
    try {
      Collection<Change<?>> changes = writer.apply(view);
      for (ChangeQueue listener : listeners) {
        listener.add(changes);
      }
      revision = view.revision();
    } finally {
      lock.writeLock().unlock();
    }
    signal();
  }

  /** Nothing comes between the records that the listener gets first and the changes after them. */
  void listen(ChangeQueue listener) {
    lock.writeLock().lock();
    try {
      listener.addInitial(view.allAsChanges());
      listeners.add(listener);
    } finally {
      lock.writeLock().unlock();
    }
  }

  void forget(ChangeQueue listener) {
    lock.writeLock().lock();
    try {
      listeners.remove(listener);
    } finally {
      lock.writeLock().unlock();
    }
  }

  void signal() {
    waiting.lock();
    try {
      progress.signalAll();
    } finally {
      waiting.unlock();
    }
  }

  boolean await(BooleanSupplier reached, long deadlineNanos) throws InterruptedException {
    waiting.lock();
    try {
      while (!reached.getAsBoolean()) {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        boolean _ = progress.await(left, TimeUnit.NANOSECONDS);
      }
      return true;
    } finally {
      waiting.unlock();
    }
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> get(Key<T> key) {
    return read(live -> live.get(key));
  }

  @Override
  public <T extends Message> List<Versioned<T>> list(Kind<T> kind) {
    return read(live -> live.list(kind));
  }

  @Override
  public <T extends Message> List<Versioned<T>> list(Kind<T> kind, String firstName) {
    return read(live -> live.list(kind, firstName));
  }

  @Override
  public <T extends Message> Page<T> page(Kind<T> kind, int pageSize, String startAfter) {
    return read(live -> live.page(kind, pageSize, startAfter));
  }

  @Override
  public int count(Kind<?> kind) {
    return read(live -> live.count(kind));
  }

  @Override
  public List<UnreadableRecord> unreadable() {
    return read(View::unreadable);
  }
}
