package dev.ramet.coordinator.testing;

import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Store;
import dev.ramet.proto.store.v1.RevisionRecord;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A store where somebody else writes a revision right before each of the first commits to it. */
public final class RivalStore extends ForwardingStore {
  private final AtomicInteger left;

  public RivalStore(Store store, int times) {
    super(store);
    this.left = new AtomicInteger(times);
  }

  /** Commits that will still be preceded. */
  public int left() {
    return left.get();
  }

  @Override
  protected void beforeWrite(List<Key<?>> keys) {
    keys.stream().filter(key -> key.kind() == Kind.REVISION).forEach(this::comeFirst);
  }

  private void comeFirst(Key<?> key) {
    int turn = left.getAndDecrement();
    if (turn <= 0) {
      return;
    }
    var unused =
        store()
            .modify(
                Keys.revision(key.names().get(0), Long.parseLong(key.names().get(1))),
                (RevisionRecord revision) -> {
                  RevisionRecord.Builder next = revision.toBuilder();
                  next.getMetaBuilder().putLabels("rival", Integer.toString(turn));
                  return next.build();
                });
  }
}
