package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Reads and writes records in etcd. Reads here are linearizable and cost a round trip (about 1 ms
 * on one machine); most readers want {@link View}. Safe for any number of threads; calls block.
 *
 * <p>Each method repeats attempts that failed, with growing pauses, until its time is over, then
 * throws {@link StoreException}. An interrupt ends the waiting with {@code UNAVAILABLE} or {@code
 * UNKNOWN_OUTCOME}, and is kept.
 */
public interface Store {
  /** The record, or empty. A record that cannot be parsed is {@code CORRUPT}. */
  <T extends Message> Optional<Versioned<T>> get(Key<T> key);

  /**
   * Records of one kind in the order of their keys. Those that cannot be parsed are left out.
   *
   * @param pageSize greatest number of records in the answer
   * @param startAfter {@link Page#next} of the page before, or "" for the first
   */
  <T extends Message> Page<T> list(Kind<T> kind, int pageSize, String startAfter);

  /**
   * All records of one kind as they were at one revision, and which of them cannot be parsed. What
   * was renamed meanwhile is there once, under the one name or the other.
   *
   * <p>Cost: proportional to their number, a round trip for each 1000.
   */
  <T extends Message> AllRecords<T> all(Kind<T> kind);

  /** {@link #commit(Txn, Duration)} with the time that the settings give. */
  Outcome commit(Txn txn);

  /**
   * Writes all or nothing. A new {@code Meta.write_id} is put into each record that has a Meta.
   *
   * <p>Repeat: a second call is a new write; it finds what the first one left, and conflicts.
   *
   * <p>On failure: {@code UNAVAILABLE}: nothing was and nothing will be written. {@code
   * UNKNOWN_OUTCOME}: etcd did not say, and it could not be found out within the time; it may have
   * been or may yet be written, once and only while its conditions hold.
   *
   * <p>Cost: one round trip and one fsync of etcd.
   *
   * @param within time for all attempts and for finding out
   */
  Outcome commit(Txn txn, Duration within);

  /** {@link #commit(Txn)} where anything but success is a {@link StoreException}. */
  Outcome.Committed commitOrThrow(Txn txn);

  /**
   * Reads, changes and writes one record, again and again until no other writer came between.
   *
   * @param change pure: may be called several times; returns its argument for "leave it"
   * @return the record as it is now, or empty where there is none (then nothing is written)
   */
  <T extends Message> Optional<Versioned<T>> modify(Key<T> key, UnaryOperator<T> change);

  /** The same, {@link Txn#by by this leader}: refused with {@code DEPOSED} after the term. */
  <T extends Message> Optional<Versioned<T>> modify(
      Key<T> key, UnaryOperator<T> change, Leadership leadership);
}
