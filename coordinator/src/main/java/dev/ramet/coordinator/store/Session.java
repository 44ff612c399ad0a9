package dev.ramet.coordinator.store;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.kv.TxnResponse;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Closes the door behind requests whose answer never came.
 *
 * <p>Every transaction asks for one key, the same for all coordinators, to be as it was last seen.
 * An attempt that follows one without an answer rewrites that key, whether it is carried out or
 * refused. So what still sits in the socket of a frozen server is refused when it arrives, whatever
 * happened to the records since. Threads: safe.
 */
final class Session {
  static final ByteSequence KEY = Bytes.of(Keys.SESSION);

  private final AtomicLong revision = new AtomicLong();
  // writes that ended without anybody knowing what became of them, since the key was rewritten
  private final AtomicLong doubts = new AtomicLong();

  /**
   * What one attempt asks for and does.
   *
   * @param revision that the key must have; 0: it was never written
   * @param renews rewrites the key
   * @param doubts that are settled by rewriting it
   */
  record Door(long revision, boolean renews, long doubts) {}

  /**
   * For the next attempt.
   *
   * @param repeated one before may still arrive
   */
  Door door(boolean repeated) {
    long open = doubts.get();
    return new Door(revision.get(), repeated || open > 0, open);
  }

  /** A write was given up that may still arrive: the next attempt of any write sees to it. */
  void doubt() {
    doubts.incrementAndGet();
  }

  /**
   * Learns from an attempt's answer.
   *
   * @param seen the key's revision right before, where the attempt was refused
   */
  void learn(Door door, TxnResponse answer, long seen) {
    if (door.renews()) {
      revision.set(answer.getHeader().getRevision());
      boolean _ = doubts.compareAndSet(door.doubts(), 0);
    } else if (!answer.isSucceeded()) {
      revision.set(seen);
    }
  }
}
