package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What to write, all or nothing, and on which conditions. Immutable: each method returns a new one.
 *
 * <p>A transaction may be sent twice, or arrive late. So it needs at least one write that excludes
 * its own repetition: a {@link #create}, {@link #update} or {@link #delete(Versioned)}. Beside it,
 * records that only ever change together with it (a clone's port) may be written without a
 * condition.
 *
 * @param signature what the write id of its records begins with
 */
public record Txn(List<Condition> conditions, List<Write> writes, String signature) {
  private static final int MAX_OPERATIONS = 64;

  /** What must hold for the writes to be done. */
  public sealed interface Condition {}

  /** Nothing is there. */
  public record Absent(Key<?> key) implements Condition {}

  /** The record is as it was read. */
  public record Unchanged(Key<?> key, long modRevision) implements Condition {}

  /** The term of this leader lasts. */
  public record Leading(Leadership leadership) implements Condition {}

  /** One change. */
  public sealed interface Write {
    Key<?> key();
  }

  /** The record becomes this. */
  public record Put<T extends Message>(Key<T> key, T value) implements Write {
    @Override
    public String toString() {
      return "put " + key;
    }
  }

  /** The record goes, if it is there. */
  public record Delete(Key<?> key) implements Write {}

  public Txn {
    conditions = List.copyOf(conditions);
    writes = List.copyOf(writes);
  }

  public static Txn begin() {
    return new Txn(List.of(), List.of(), "");
  }

  /** Makes a record where none is. */
  public <T extends Message> Txn create(Key<T> key, T value) {
    return absent(key).put(key, value);
  }

  /** Changes a record that nobody changed since it was read. */
  public <T extends Message> Txn update(Versioned<T> read, T value) {
    return unchanged(read).put(read.key(), value);
  }

  /** Removes a record that nobody changed since it was read. */
  public Txn delete(Versioned<?> read) {
    return unchanged(read).delete(read.key());
  }

  /** Writes a record whatever is there: only beside another write that has a condition. */
  public <T extends Message> Txn put(Key<T> key, T value) {
    return and(new Put<>(key, value));
  }

  /** Removes a record whatever is there: only beside another write that has a condition. */
  public Txn delete(Key<?> key) {
    return and(new Delete(key));
  }

  public Txn absent(Key<?> key) {
    return and(new Absent(key));
  }

  public Txn unchanged(Versioned<?> read) {
    return and(new Unchanged(read.key(), read.modRevision()));
  }

  /** Refused with {@link Outcome.Deposed} when the term is over. */
  public Txn leading(Leadership leadership) {
    return and(new Leading(leadership));
  }

  /** As {@link #leading}, and what is written says so: its write id has the term's signature. */
  public Txn by(Leadership leadership) {
    Txn guarded = leading(leadership);
    return new Txn(guarded.conditions, guarded.writes, leadership.signature());
  }

  /** Keys of records that a condition speaks of, in order. */
  Set<Key<?>> conditionedKeys() {
    Set<Key<?>> keys = new LinkedHashSet<>();
    for (Condition condition : conditions) {
      switch (condition) {
        case Absent(Key<?> key) -> keys.add(key);
        case Unchanged(Key<?> key, long _) -> keys.add(key);
        case Leading _ -> {}
      }
    }
    return keys;
  }

  /** Throws where this transaction could do harm when it is carried out twice. */
  void requireSafe() {
    if (writes.isEmpty()) {
      throw new IllegalArgumentException("a transaction without a write");
    }
    if (writes.size() + conditions.size() > MAX_OPERATIONS) {
      throw new IllegalArgumentException("more than " + MAX_OPERATIONS + " operations");
    }
    Set<Key<?>> written = new HashSet<>();
    for (Write write : writes) {
      if (!written.add(write.key())) {
        throw new IllegalArgumentException("two writes of " + write.key());
      }
    }
    written.retainAll(conditionedKeys());
    if (written.isEmpty()) {
      throw new IllegalArgumentException(
          "no write of this transaction excludes its own repetition: " + writes);
    }
  }

  private Txn and(Condition condition) {
    List<Condition> all = new ArrayList<>(conditions);
    all.add(condition);
    return new Txn(all, writes, signature);
  }

  private Txn and(Write write) {
    List<Write> all = new ArrayList<>(writes);
    all.add(write);
    return new Txn(conditions, all, signature);
  }
}
