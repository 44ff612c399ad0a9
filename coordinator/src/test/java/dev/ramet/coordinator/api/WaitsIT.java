package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.Change;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Txn;
import dev.ramet.coordinator.store.View;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.Meta;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WaitsIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Key<CloneRecord> CLONE = Keys.clone("c");

  @Test
  void aWaitOutlivesItsSubscription() throws Exception {
    try (CoordinatorLab lab = new CoordinatorLab(etcd);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Breaking informer = new Breaking(lab.etcd().informer());
      Records records = new Records(lab.etcd().store(), informer, InstantSource.system());
      CompletableFuture<Boolean> found =
          CompletableFuture.supplyAsync(
              () ->
                  Waits.until(records, CLONE, Optional::isPresent, Duration.ofSeconds(30))
                      .isPresent(),
              threads);
      CoordinatorLab.eventually("it subscribed again", () -> informer.subscriptions.get() > 1);
      CloneRecord clone =
          CloneRecord.newBuilder().setMeta(Meta.newBuilder().setName("c").setUid("u")).build();
      var unused = lab.etcd().store().commitOrThrow(Txn.begin().create(CLONE, clone));
      assertThat(found.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The first subscription is too slow from its beginning. */
  private record Breaking(Informer informer, AtomicInteger subscriptions) implements Informer {
    private Breaking(Informer informer) {
      this(informer, new AtomicInteger());
    }

    @Override
    public Subscription subscribe(
        Predicate<Key<?>> interest, Consumer<Change<?>> changed, Runnable fellBehind) {
      if (subscriptions.getAndIncrement() == 0) {
        fellBehind.run();
        return () -> {};
      }
      return informer.subscribe(interest, changed, fellBehind);
    }

    @Override
    public View view() {
      return informer.view();
    }

    @Override
    public <R> R read(Function<View, R> reader) {
      return informer.read(reader);
    }

    @Override
    public boolean awaitSynced(Duration within) throws InterruptedException {
      return informer.awaitSynced(within);
    }

    @Override
    public boolean await(long revision, Duration within) throws InterruptedException {
      return informer.await(revision, within);
    }

    @Override
    public Optional<Instant> staleSince() {
      return informer.staleSince();
    }
  }
}
