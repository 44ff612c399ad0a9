package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.store.Key;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that want to be looked at. Level-triggered: a key that is added ten times is looked at once;
 * one that is added while it is being looked at is looked at again afterwards. One at a time per
 * key, each on a virtual thread of its own.
 *
 * <p>Threads: safe.
 */
final class WorkQueue implements AutoCloseable {
  /** Looks at one key. */
  interface Worker {
    /**
     * Looks at a key as it is now.
     *
     * @param touched cancelled when the key is added again meanwhile
     */
    Next work(Key<?> key, Cancellation touched) throws InterruptedException;
  }

  private static final class Slot {
    private Cancellation touched = new Cancellation();
    private boolean again;
  }

  private static final Logger log = LoggerFactory.getLogger(WorkQueue.class);

  private final Worker worker;
  private final ScheduledExecutorService timer;
  private final Map<Key<?>, Slot> running = new HashMap<>();
  private final Map<Key<?>, Future<?>> waiting = new HashMap<>();
  private final Set<Thread> threads = new HashSet<>();
  private boolean closed;

  WorkQueue(Worker worker, ScheduledExecutorService timer) {
    this.worker = worker;
    this.timer = timer;
  }

  /** Looks at the key soon, and tells whoever looks at it now. */
  void add(Key<?> key) {
    enqueue(key).cancel();
  }

  /** As {@link #add}, but whoever looks at the key now is not told. */
  void addBehind(Key<?> key) {
    Cancellation _ = enqueue(key);
  }

  private Cancellation enqueue(Key<?> key) {
    synchronized (this) {
      if (closed) {
        return new Cancellation();
      }
      Future<?> later = waiting.remove(key);
      if (later != null) {
        later.cancel(false);
      }
      Slot slot = running.get(key);
      if (slot == null) {
        start(key);
        return new Cancellation();
      }
      slot.again = true;
      return slot.touched;
    }
  }

  /** As {@link #add}, but leaves a key alone that is being looked at or waits for its next turn. */
  synchronized void addIdle(Key<?> key) {
    if (!running.containsKey(key) && !waiting.containsKey(key)) {
      add(key);
    }
  }

  /** Keys that are being looked at or wait for their next turn. */
  synchronized int depth() {
    return running.size() + waiting.size();
  }

  /** Takes no more keys and interrupts what runs; does not wait for it. */
  @Override
  public synchronized void close() {
    closed = true;
    waiting.values().forEach(later -> later.cancel(false));
    waiting.clear();
    threads.forEach(Thread::interrupt);
    running.values().forEach(slot -> slot.touched.cancel());
  }

  private void start(Key<?> key) {
    running.put(key, new Slot());
    Thread thread = Thread.ofVirtual().name("reconcile " + key).unstarted(() -> run(key));
    threads.add(thread);
    thread.start();
  }

  private void run(Key<?> key) {
    boolean settled = false;
    try {
      while (true) {
        Cancellation touched;
        synchronized (this) {
          Slot slot = running.get(key);
          if (slot == null) {
            settled = true;
            return;
          }
          slot.again = false;
          slot.touched = new Cancellation();
          touched = slot.touched;
        }
        Next next = worker.work(key, touched);
        if (!goesOn(key, next)) {
          settled = true;
          return;
        }
      }
    } catch (InterruptedException | Deposed over) {
      log.debug("{} is left to the next leader", key, over);
    } finally {
      synchronized (this) {
        // Whatever the worker threw: the key must not look busy for the rest of the term. Where it
        // settled, the slot may be another thread's by now.
        if (!settled) {
          running.remove(key);
        }
        threads.remove(Thread.currentThread());
      }
    }
  }

  /** True where the key is to be looked at again at once. */
  private synchronized boolean goesOn(Key<?> key, Next next) {
    Slot slot = running.get(key);
    boolean atOnce = next instanceof Next.After(Duration delay) && !delay.isPositive();
    if (!closed && (atOnce || (slot != null && slot.again))) {
      return true;
    }
    running.remove(key);
    if (!closed && next instanceof Next.After(Duration delay)) {
      waiting.put(key, timer.schedule(() -> add(key), delay.toMillis(), TimeUnit.MILLISECONDS));
    }
    return false;
  }
}
