package dev.ramet.coordinator.testing;

import com.google.protobuf.Message;
import dev.ramet.coordinator.store.AllRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Leadership;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Page;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A real store in which tests let things happen right before and right after a write. */
public class ForwardingStore implements Store {
  private final Store store;

  public ForwardingStore(Store store) {
    this.store = store;
  }

  /** Called before each write. */
  protected void beforeWrite(List<Key<?>> keys) {}

  /** Called after each write that was carried out, before its writer hears of it. */
  protected void afterWrite(long revision) {}

  protected final Store store() {
    return store;
  }

  @Override
  public final <T extends Message> Optional<Versioned<T>> get(Key<T> key) {
    return store.get(key);
  }

  @Override
  public final <T extends Message> Page<T> list(Kind<T> kind, int pageSize, String startAfter) {
    return store.list(kind, pageSize, startAfter);
  }

  @Override
  public final <T extends Message> AllRecords<T> all(Kind<T> kind) {
    return store.all(kind);
  }

  @Override
  public final Outcome commit(Txn txn) {
    before(txn);
    return told(store.commit(txn));
  }

  @Override
  public final Outcome commit(Txn txn, Duration within) {
    before(txn);
    return told(store.commit(txn, within));
  }

  @Override
  public final Outcome.Committed commitOrThrow(Txn txn) {
    before(txn);
    Outcome.Committed committed = store.commitOrThrow(txn);
    afterWrite(committed.revision());
    return committed;
  }

  @Override
  public final <T extends Message> Optional<Versioned<T>> modify(
      Key<T> key, UnaryOperator<T> change) {
    beforeWrite(List.of(key));
    return told(store.modify(key, change));
  }

  @Override
  public final <T extends Message> Optional<Versioned<T>> modify(
      Key<T> key, UnaryOperator<T> change, Leadership leadership) {
    beforeWrite(List.of(key));
    return told(store.modify(key, change, leadership));
  }

  private void before(Txn txn) {
    beforeWrite(List.copyOf(txn.writes().stream().map(Txn.Write::key).toList()));
  }

  private Outcome told(Outcome outcome) {
    if (outcome instanceof Outcome.Committed committed) {
      afterWrite(committed.revision());
    }
    return outcome;
  }

  private <T extends Message> Optional<Versioned<T>> told(Optional<Versioned<T>> written) {
    written.ifPresent(record -> afterWrite(record.modRevision()));
    return written;
  }
}
