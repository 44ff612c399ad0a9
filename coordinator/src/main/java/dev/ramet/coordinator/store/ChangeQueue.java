package dev.ramet.coordinator.store;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The changes that one listener has not been told of yet, and the thread that tells it. */
final class ChangeQueue implements Informer.Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeQueue.class);

  private final Predicate<Key<?>> interest;
  private final Consumer<Change<?>> changed;
  private final Runnable fellBehind;
  private final Consumer<ChangeQueue> onClose;
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<Change<?>> queue = new ArrayDeque<>();
  private int initial;
  private boolean overrun;
  private boolean closed;

  ChangeQueue(
      Predicate<Key<?>> interest,
      Consumer<Change<?>> changed,
      Runnable fellBehind,
      Consumer<ChangeQueue> onClose,
      int limit) {
    this.interest = interest;
    this.changed = changed;
    this.fellBehind = fellBehind;
    this.onClose = onClose;
    this.limit = limit;
  }

  void start() {
    Thread.ofVirtual().name("store-listener").start(this::run);
  }

  /** What was there at the beginning does not count against the limit. */
  void addInitial(Collection<Change<?>> changes) {
    lock.lock();
    try {
      changes.stream().filter(this::isOfInterest).forEach(queue::add);
      initial = queue.size();
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  void add(Collection<Change<?>> changes) {
    if (changes.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      if (overrun || closed) {
        return;
      }
      changes.stream().filter(this::isOfInterest).forEach(queue::add);
      if (queue.size() > limit + initial) {
        queue.clear();
        overrun = true;
      }
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      arrived.signal();
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }

  private boolean isOfInterest(Change<?> change) {
    return interest.test(change.key());
  }

  private void run() {
    Change<?> next = take();
    while (next != null) {
      tell(next);
      next = take();
    }
    if (overrun) {
      onClose.accept(this);
      fellBehind.run();
    }
  }

  private @Nullable Change<?> take() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed && !overrun) {
        arrived.awaitUninterruptibly();
      }
      return queue.poll();
    } finally {
      lock.unlock();
    }
  }

  private void tell(Change<?> change) {
    try {
      changed.accept(change);
    } catch (RuntimeException e) {
      LOG.error("a listener failed on the change of {}", change.key(), e);
    }
  }
}
