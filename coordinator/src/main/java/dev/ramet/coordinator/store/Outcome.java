package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** How a transaction ended; it is known in each case whether it was carried out. */
public sealed interface Outcome {

  /** How one ended that asked for no term, which nobody is deposed from. */
  sealed interface OfAnybody extends Outcome {}

  /**
   * All of it was written.
   *
   * @param revision the store's revision of this write; {@link Informer#await} makes the view catch
   *     up
   * @param written what was put, with the write's id filled in: ready for the next update
   */
  record Committed(long revision, Map<Key<?>, Versioned<?>> written) implements OfAnybody {
    public Committed {
      written = Map.copyOf(written);
    }

    /** What this transaction put there. */
    @SuppressWarnings("unchecked") // a key's kind decides the type of its value
    public <T extends Message> Versioned<T> written(Key<T> key) {
      Versioned<?> found = written.get(key);
      if (found == null) {
        throw new NoSuchElementException("not written by this transaction: " + key);
      }
      return (Versioned<T>) found;
    }
  }

  /**
   * Nothing was written, because a condition did not hold.
   *
   * @param failed the keys whose condition did not hold
   * @param current all records that the conditions spoke of, as they are now; what is absent is
   *     absent
   */
  record Conflict(long revision, List<Key<?>> failed, Map<Key<?>, Versioned<?>> current)
      implements OfAnybody {
    public Conflict {
      failed = List.copyOf(failed);
      current = Map.copyOf(current);
    }

    @SuppressWarnings("unchecked") // a key's kind decides the type of its value
    public <T extends Message> Optional<Versioned<T>> current(Key<T> key) {
      return Optional.ofNullable((Versioned<T>) current.get(key));
    }
  }

  /** Nothing was written, because the writer is not the leader any more. */
  record Deposed(long fence) implements Outcome {}
}
