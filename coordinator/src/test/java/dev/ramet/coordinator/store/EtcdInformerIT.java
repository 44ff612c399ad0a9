package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static dev.ramet.coordinator.store.StoreTests.eventually;
import static dev.ramet.coordinator.store.StoreTests.pause;
import static dev.ramet.coordinator.store.StoreTests.portOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class EtcdInformerIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Duration SOON = Duration.ofSeconds(5);

  private Etcd opened;
  private Store store;
  private Informer informer;

  @BeforeEach
  void open() throws InterruptedException {
    etcd.clear();
    opened = Etcd.open(StoreTests.hasty(etcd.endpoints()));
    store = opened.store();
    informer = opened.informer();
    assertThat(informer.awaitSynced(SOON)).isTrue();
  }

  @AfterEach
  void close() {
    etcd.thaw();
    opened.close();
  }

  @Test
  void aReaderWhoAwaitsItsOwnWriteSeesIt() throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      Key<CloneRecord> key = Keys.clone("c" + i);
      Outcome.Committed committed = store.commitOrThrow(Txn.begin().create(key, cloneOf("u" + i)));
      assertThat(informer.await(committed.revision(), SOON)).isTrue();
      assertThat(informer.view().get(key)).contains(committed.written(key));
    }
    assertThat(informer.view().count(Kind.CLONE)).isEqualTo(50);
    assertThat(informer.await(informer.view().revision() + 1, Duration.ofMillis(50))).isFalse();
  }

  @Test
  void aListenerGetsWhatIsThereAndThenEachChangeInOrder() throws Exception {
    Key<CloneRecord> key = Keys.clone("a");
    Versioned<CloneRecord> first = create("a", "u0");
    assertThat(informer.await(first.modRevision(), SOON)).isTrue();
    ConcurrentLinkedQueue<Change<?>> seen = new ConcurrentLinkedQueue<>();
    try (Informer.Subscription _ = informer.subscribe(seen::add, () -> {})) {
      for (int i = 1; i <= 100; i++) {
        String uid = "u" + i;
        store.modify(key, c -> c.toBuilder().setMeta(c.getMeta().toBuilder().setUid(uid)).build());
      }
      store.commitOrThrow(Txn.begin().delete(store.get(key).orElseThrow()));
      eventually("all changes", SOON, () -> seen.size() == 102);
    }
    List<Change<?>> changes = List.copyOf(seen);
    assertThat(changes.getFirst().before()).isNull();
    for (int i = 1; i < changes.size(); i++) {
      assertThat(changes.get(i).before()).isEqualTo(changes.get(i - 1).after());
      assertThat(changes.get(i).revision()).isGreaterThan(changes.get(i - 1).revision());
    }
    assertThat(changes.getLast().after()).isNull();
    create("b", "u");
    pause(Duration.ofMillis(200));
    assertThat(seen).as("closed subscriptions are silent").hasSize(102);
  }

  @Test
  void aListenerGetsOnlyWhatItIsInterestedIn() {
    create("before", "u");
    ConcurrentLinkedQueue<Key<?>> seen = new ConcurrentLinkedQueue<>();
    try (Informer.Subscription _ =
        informer.subscribe(
            key -> key.kind() == Kind.PORT, change -> seen.add(change.key()), () -> {})) {
      Key<CloneRecord> key = Keys.clone("a");
      store.commitOrThrow(
          Txn.begin().create(key, cloneOf("u")).create(Keys.port("h", 15000), portOf("u")));
      eventually("seen", SOON, () -> !seen.isEmpty());
      assertThat(seen).containsExactly(Keys.port("h", 15000));
    }
  }

  @Test
  void aTransactionIsSeenAsAWhole() throws Exception {
    AtomicBoolean torn = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              while (done.getCount() > 0) {
                if (informer.read(v -> v.count(Kind.CLONE) != v.count(Kind.PORT))) {
                  torn.set(true);
                }
              }
            });
    long last = 0;
    for (int i = 0; i < 100; i++) {
      last =
          store
              .commitOrThrow(
                  Txn.begin()
                      .create(Keys.clone("c" + i), cloneOf("u"))
                      .create(Keys.port("h", 15000 + i), portOf("u")))
              .revision();
    }
    assertThat(informer.await(last, SOON)).isTrue();
    done.countDown();
    reader.join();
    assertThat(torn).isFalse();
    assertThat(informer.view().list(Kind.PORT, "h")).hasSize(100);
  }

  @Test
  void revisionsAreListedByImageAndImagesWithoutThem() throws Exception {
    store.commitOrThrow(
        Txn.begin()
            .create(Keys.image("app"), ImageRecord.getDefaultInstance())
            .create(Keys.revision("app", 1), RevisionRecord.getDefaultInstance())
            .create(Keys.revision("app", 2), RevisionRecord.getDefaultInstance())
            .create(Keys.image("app2"), ImageRecord.getDefaultInstance()));
    long revision =
        store
            .commitOrThrow(
                Txn.begin().create(Keys.revision("app2", 1), RevisionRecord.getDefaultInstance()))
            .revision();
    assertThat(informer.await(revision, SOON)).isTrue();
    View view = informer.view();
    assertThat(view.list(Kind.IMAGE))
        .extracting(Versioned::key)
        .containsExactly(Keys.image("app"), Keys.image("app2"));
    assertThat(view.list(Kind.REVISION, "app"))
        .extracting(Versioned::key)
        .containsExactly(Keys.revision("app", 1), Keys.revision("app", 2));
    Page<RevisionRecord> page = view.page(Kind.REVISION, 2, "");
    assertThat(view.page(Kind.REVISION, 2, page.next().orElseThrow()).records()).hasSize(1);
    assertThat(view.page(Kind.REVISION, 3, "").next()).isEmpty();
  }

  @Test
  void whatCannotBeReadIsKeptAsItIsAndReported() throws Exception {
    Versioned<CloneRecord> good = create("a", "u");
    etcd.put(good.key().path(), "\u0007 no protobuf".getBytes(StandardCharsets.UTF_8));
    etcd.put(Keys.ROOT + "future/x", new byte[] {1});
    eventually("both are reported", SOON, () -> informer.view().unreadable().size() == 2);
    assertThat(informer.view().get(good.key())).isEmpty();
    Versioned<CloneRecord> next = create("b", "u");
    assertThat(informer.await(next.modRevision(), SOON)).isTrue();
    pause(Duration.ofMillis(1500)); // a verification passes by
    assertThat(informer.staleSince()).isEmpty();
    assertThat(informer.view().unreadable()).hasSize(2);
  }

  @Test
  void keysOfOthersDoNotMakeTheViewStale() {
    etcd.put("/elsewhere", new byte[] {1});
    long before = informer.view().revision();
    eventually("the view reaches the revision", SOON, () -> informer.view().revision() > before);
    assertThat(informer.staleSince()).isEmpty();
  }

  @Test
  void theViewIsCompleteAgainAfterAKillAndACompaction() throws Exception {
    Versioned<CloneRecord> gone = create("gone", "u");
    assertThat(informer.await(gone.modRevision(), SOON)).isTrue();
    ConcurrentLinkedQueue<Change<?>> seen = new ConcurrentLinkedQueue<>();
    informer.subscribe(seen::add, () -> {});

    etcd.kill();
    eventually("it is told stale", SOON, () -> informer.staleSince().isPresent());
    etcd.restart();
    try (Etcd other = Etcd.open(StoreTests.hasty(etcd.endpoints()))) {
      Store direct = other.store();
      direct.commitOrThrow(Txn.begin().delete(direct.get(gone.key()).orElseThrow()));
      direct.commitOrThrow(Txn.begin().create(Keys.clone("new"), cloneOf("u")));
      etcd.compact();
    }
    Duration took =
        eventually(
            "the view is complete",
            Duration.ofSeconds(10),
            () -> informer.view().get(Keys.clone("new")).isPresent());
    System.out.printf("view complete after etcd was killed and is back: %d ms%n", took.toMillis());
    assertThat(informer.view().get(gone.key())).isEmpty();
    eventually("it is fresh", SOON, () -> informer.staleSince().isEmpty());
    assertThat(seen.stream().map(Change::key).map(Key::name)).contains("gone", "new");
  }

  @Test
  void afterALongTimeDownTheViewFollowsWithinSeconds() {
    etcd.kill();
    pause(Duration.ofSeconds(8)); // long enough for a gRPC channel to wait for long
    etcd.restart();
    Duration fresh =
        eventually("fresh", Duration.ofSeconds(10), () -> informer.staleSince().isEmpty());
    Versioned<CloneRecord> made = create("a", "u");
    Duration followed =
        eventually(
            "followed", Duration.ofSeconds(10), () -> informer.view().get(made.key()).isPresent());
    System.out.printf(
        "after 8 s down: fresh after %d ms, followed %d ms later%n",
        fresh.toMillis(), followed.toMillis());
  }

  @Test
  void aFrozenEtcdMakesTheViewStaleAndAThawedOneFresh() {
    etcd.freeze();
    Duration noticed =
        eventually("stale", Duration.ofSeconds(10), () -> informer.staleSince().isPresent());
    etcd.thaw();
    eventually("fresh", Duration.ofSeconds(10), () -> informer.staleSince().isEmpty());
    System.out.printf("frozen etcd noticed after %d ms%n", noticed.toMillis());
  }

  @Test
  void aListenerThatFallsBehindIsToldAndOthersAreNotDelayed() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean behind = new AtomicBoolean();
    List<Change<?>> told = new ArrayList<>();
    ChangeQueue queue =
        new ChangeQueue(
            _ -> true,
            change -> {
              told.add(change);
              await(release);
            },
            () -> behind.set(true),
            _ -> {},
            3);
    queue.start();
    Change<CloneRecord> change =
        new Change<>(
            Keys.clone("a"), null, new Versioned<>(Keys.clone("a"), cloneOf("u"), 1, 1), 1);
    for (int i = 0; i < 10; i++) {
      queue.add(List.of(change));
    }
    release.countDown();
    eventually("told", SOON, behind::get);
    assertThat(told).hasSizeLessThan(10);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Versioned<CloneRecord> create(String name, String uid) {
    Key<CloneRecord> key = Keys.clone(name);
    return store.commitOrThrow(Txn.begin().create(key, cloneOf(uid))).written(key);
  }
}
