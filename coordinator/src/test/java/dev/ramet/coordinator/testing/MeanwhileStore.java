package dev.ramet.coordinator.testing;

import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A store in which something happens, once, between somebody's look and the write that follows. */
public final class MeanwhileStore extends ForwardingStore {
  private final AtomicReference<Optional<Meanwhile>> next = new AtomicReference<>(Optional.empty());

  private record Meanwhile(Key<?> key, BooleanSupplier due, Runnable happens) {}

  public MeanwhileStore(Store store) {
    super(store);
  }

  /** Right before the next write of this key. What happens may use this store itself. */
  public void before(Key<?> key, Runnable happens) {
    before(key, () -> true, happens);
  }

  /**
   * Right before the next write of this key at which it is due.
   *
   * @param due asked at each write of the key
   */
  public void before(Key<?> key, BooleanSupplier due, Runnable happens) {
    next.set(Optional.of(new Meanwhile(key, due, happens)));
  }

  /** It has happened, or is about to. */
  public boolean happened() {
    return next.get().isEmpty();
  }

  @Override
  protected void beforeWrite(List<Key<?>> keys) {
    Optional<Meanwhile> waiting = next.get();
    boolean now =
        waiting.filter(it -> keys.contains(it.key()) && it.due().getAsBoolean()).isPresent();
    if (now && next.compareAndSet(waiting, Optional.empty())) {
      waiting.ifPresent(it -> it.happens().run());
    }
  }
}
