package dev.ramet.coordinator.testing;

import com.google.protobuf.Message;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Leadership;
import dev.ramet.coordinator.store.Outcome;
import dev.ramet.coordinator.store.Page;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.RevisionRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A store where somebody else writes a revision right before each of the first commits to it. */
public final class RivalStore implements Store {
  private final Store store;
  private final AtomicInteger left;

  public RivalStore(Store store, int times) {
    this.store = store;
    this.left = new AtomicInteger(times);
  }

  /** Commits that will still be preceded. */
  public int left() {
    return left.get();
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> get(Key<T> key) {
    return store.get(key);
  }

  @Override
  public <T extends Message> Page<T> list(Kind<T> kind, int pageSize, String startAfter) {
    return store.list(kind, pageSize, startAfter);
  }

  @Override
  public Outcome commit(Txn txn) {
    txn.writes().stream()
        .map(Txn.Write::key)
        .filter(key -> key.kind() == Kind.REVISION)
        .forEach(this::comeFirst);
    return store.commit(txn);
  }

  @Override
  public Outcome commit(Txn txn, Duration within) {
    return store.commit(txn, within);
  }

  @Override
  public Outcome.Committed commitOrThrow(Txn txn) {
    return store.commitOrThrow(txn);
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> modify(Key<T> key, UnaryOperator<T> change) {
    return store.modify(key, change);
  }

  @Override
  public <T extends Message> Optional<Versioned<T>> modify(
      Key<T> key, UnaryOperator<T> change, Leadership leadership) {
    return store.modify(key, change, leadership);
  }

  private void comeFirst(Key<?> key) {
    int turn = left.getAndDecrement();
    if (turn <= 0) {
      return;
    }
    var unused =
        store.modify(
            Keys.revision(key.names().get(0), Long.parseLong(key.names().get(1))),
            (RevisionRecord revision) -> {
              RevisionRecord.Builder next = revision.toBuilder();
              next.getMetaBuilder().putLabels("rival", Integer.toString(turn));
              return next.build();
            });
  }
}
