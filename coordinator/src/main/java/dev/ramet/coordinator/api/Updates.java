package dev.ramet.coordinator.api;

import com.google.protobuf.Message;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import java.util.Optional;
import java.util.function.Supplier;

/** Changes what a user may change in a record, if it is still the record that the user saw. */
final class Updates {
  private static final int MAX_CONFLICTS = 8;

  /** The change itself; may be carried out several times. */
  interface Update<T> {
    T to(T record);
  }

  private Updates() {}

  static <T extends Message> Versioned<T> update(
      Records records,
      Key<T> key,
      String etag,
      String what,
      Update<T> update,
      Supplier<RuntimeException> notFound) {
    Optional<Versioned<T>> current = records.store().get(key);
    for (int i = 0; i < MAX_CONFLICTS; i++) {
      Versioned<T> record = current.orElseThrow(notFound);
      Etags.require(etag, record, what);
      T next = update.to(record.value());
      if (next.equals(record.value())) {
        return record;
      }
      switch (records.commit(Txn.begin().update(record, next))) {
        case Outcome.Committed committed -> {
          records.catchUp(committed.revision());
          return committed.written(key);
        }
        case Outcome.Conflict conflict -> current = conflict.current(key);
      }
    }
    throw ErrorCode.CONCURRENT_CHANGE.exception("%s keeps changing: try again".formatted(what));
  }
}
