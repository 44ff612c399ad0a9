package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static dev.ramet.coordinator.store.StoreTests.portOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.ramet.coordinator.store.StoreException.Code;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.Meta;
import dev.ramet.proto.store.v1.PortRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class EtcdStoreIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Key<CloneRecord> CLONE = Keys.clone("a");
  private static final Key<PortRecord> PORT = Keys.port("h", 15000);

  private Etcd opened;
  private Store store;

  @BeforeEach
  void open() {
    etcd.clear();
    opened = Etcd.open(StoreSettings.of(etcd.endpoints()));
    store = opened.store();
  }

  @AfterEach
  void close() {
    opened.close();
  }

  @Test
  void aRecordIsCreatedReadChangedAndDeleted() {
    Outcome.Committed created = store.commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1")));
    Versioned<CloneRecord> first = created.written(CLONE);
    assertThat(store.get(CLONE)).contains(first);
    assertThat(first.modRevision()).isEqualTo(created.revision()).isEqualTo(first.createRevision());
    assertThat(first.value().getMeta().getWriteId()).isNotEmpty();

    Versioned<CloneRecord> second =
        store.commitOrThrow(Txn.begin().update(first, cloneOf("u2"))).written(CLONE);
    assertThat(store.get(CLONE)).contains(second);
    assertThat(second.createRevision()).isEqualTo(first.createRevision());
    assertThat(second.value().getMeta().getWriteId())
        .isNotEqualTo(first.value().getMeta().getWriteId());

    store.commitOrThrow(Txn.begin().delete(second));
    assertThat(store.get(CLONE)).isEmpty();
  }

  @Test
  void aConflictTellsWhatIsThereAndWritesNothing() {
    Versioned<CloneRecord> first = create();
    Versioned<CloneRecord> second =
        store.commitOrThrow(Txn.begin().update(first, cloneOf("u2"))).written(CLONE);

    Outcome stale = store.commit(Txn.begin().update(first, cloneOf("u3")).put(PORT, portOf("u3")));
    assertThat(stale).isInstanceOf(Outcome.Conflict.class);
    Outcome.Conflict conflict = (Outcome.Conflict) stale;
    assertThat(conflict.failed()).containsExactly(CLONE);
    assertThat(conflict.current(CLONE)).contains(second);
    assertThat(store.get(PORT)).isEmpty();

    assertThat(store.commit(Txn.begin().create(CLONE, cloneOf("u4"))))
        .isInstanceOf(Outcome.Conflict.class);
    assertThat(store.commit(Txn.begin().delete(first))).isInstanceOf(Outcome.Conflict.class);
    assertThat(store.get(CLONE)).contains(second);
  }

  @Test
  void severalRecordsAreWrittenTogetherOrNotAtAll() {
    Txn both = Txn.begin().create(CLONE, cloneOf("u1")).create(PORT, portOf("u1"));
    Outcome.Committed committed = store.commitOrThrow(both);
    assertThat(committed.written(PORT).modRevision()).isEqualTo(committed.revision());

    Key<CloneRecord> other = Keys.clone("b");
    assertThat(store.commit(Txn.begin().create(other, cloneOf("u2")).create(PORT, portOf("u2"))))
        .asInstanceOf(type(Outcome.Conflict.class))
        .satisfies(conflict -> assertThat(conflict.failed()).containsExactly(PORT));
    assertThat(store.get(other)).isEmpty();
  }

  @Test
  void eightWritersLoseNoChange() throws Exception {
    store.commitOrThrow(Txn.begin().create(Keys.image("app"), ImageRecord.getDefaultInstance()));
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int writer = 0; writer < 8; writer++) {
        all.add(writers.submit(() -> increment(25)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(store.get(Keys.image("app")).orElseThrow().value().getNextRevision()).isEqualTo(200);
  }

  private void increment(int times) {
    for (int i = 0; i < times; i++) {
      store.modify(
          Keys.image("app"),
          image -> image.toBuilder().setNextRevision(image.getNextRevision() + 1).build());
    }
  }

  @Test
  void modifyingWhatIsNotThereWritesNothing() {
    assertThat(store.modify(CLONE, record -> cloneOf("u9"))).isEmpty();
    assertThat(store.get(CLONE)).isEmpty();
  }

  @Test
  void pagesHoldOneKindInOrderAndEndWithoutAnEmptyOne() {
    for (int i = 1; i <= 4; i++) {
      store.commitOrThrow(
          Txn.begin()
              .create(Keys.image("app" + i), ImageRecord.getDefaultInstance())
              .create(Keys.revision("app" + i, 1), RevisionRecord.getDefaultInstance()));
    }
    Page<ImageRecord> first = store.list(Kind.IMAGE, 2, "");
    assertThat(first.records()).extracting(r -> r.key().name()).containsExactly("app1", "app2");
    Page<ImageRecord> second = store.list(Kind.IMAGE, 2, first.next().orElseThrow());
    assertThat(second.records()).extracting(r -> r.key().name()).containsExactly("app3", "app4");
    assertThat(second.next()).isEmpty();
  }

  @Test
  void aRecordThatCannotBeParsedIsReportedAndStays() {
    byte[] broken = "\u0007 no protobuf".getBytes(StandardCharsets.UTF_8);
    etcd.put(CLONE.path(), broken);
    assertThatThrownBy(() -> store.get(CLONE))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.CORRUPT));
    assertThat(store.list(Kind.CLONE, 10, "").records()).isEmpty();
    assertThatThrownBy(() -> store.commit(Txn.begin().create(CLONE, cloneOf("u1"))))
        .isInstanceOf(StoreException.class);
  }

  @Test
  void allRecordsOfAKindAreReadAndWhatCannotBeIsNamed() {
    for (int i = 0; i < 1100; i++) {
      etcd.put(Keys.clone("c%04d".formatted(i)).path(), cloneOf("u" + i).toByteArray());
    }
    byte[] broken = "\u0007 no protobuf".getBytes(StandardCharsets.UTF_8);
    etcd.put(Keys.clone("c0500").path(), broken);
    etcd.put("/ramet/v1/clones/of/later", broken);
    AllRecords<CloneRecord> all = store.all(Kind.CLONE);
    assertThat(all.records()).hasSize(1099);
    assertThat(all.unreadable())
        .containsExactly("/ramet/v1/clones/c0500", "/ramet/v1/clones/of/later");
    etcd.put(Keys.revision("app", 1).path(), broken);
    assertThat(store.all(Kind.IMAGE).records()).isEmpty();
    assertThat(store.all(Kind.IMAGE).unreadable()).isEmpty();
  }

  @Test
  void withoutEtcdAWriteIsNotDoneAndSaysSo() {
    try (Etcd nowhere =
        Etcd.open(StoreSettings.of(List.of(java.net.URI.create("http://127.0.0.1:1"))))) {
      Txn txn = Txn.begin().create(CLONE, cloneOf("u1"));
      assertThatThrownBy(() -> nowhere.store().commit(txn, Duration.ofSeconds(1)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE));
    }
  }

  @Test
  void aRecordBeyondTheSizeLimitIsRefusedAtOnce() {
    CloneRecord huge =
        cloneOf("u1").toBuilder()
            .setMeta(Meta.newBuilder().putLabels("x", "y".repeat(3 << 20)))
            .build();
    long start = System.nanoTime();
    assertThatThrownBy(() -> store.commit(Txn.begin().create(CLONE, huge)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code().retryable()).isFalse());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  private Versioned<CloneRecord> create() {
    return store.commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1"))).written(CLONE);
  }
}
