package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static dev.ramet.coordinator.store.StoreTests.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Times are printed, and asserted only far above what was measured. */
@Timeout(90)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StoreScaleIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final int MANY = 10_000;

  private static Etcd opened;
  private static Store store;

  @BeforeAll
  static void open() throws InterruptedException {
    opened = Etcd.open(StoreSettings.of(etcd.endpoints()));
    store = opened.store();
    assertThat(opened.informer().awaitSynced(Duration.ofSeconds(10))).isTrue();
  }

  @AfterAll
  static void close() {
    opened.close();
  }

  @Test
  @Order(1)
  void aWriteTakesAFewMillisecondsAndIsSeenRightAfter() throws Exception {
    Key<CloneRecord> key = Keys.clone("latency");
    ConcurrentHashMap<Long, Long> seen = new ConcurrentHashMap<>();
    Versioned<CloneRecord> current =
        store.commitOrThrow(Txn.begin().create(key, cloneOf("u"))).written(key);
    long[] writes = new long[300];
    long[] views = new long[300];
    try (Informer.Subscription _ =
        opened.informer().subscribe(c -> seen.put(c.revision(), System.nanoTime()), () -> {})) {
      for (int i = -100; i < writes.length; i++) {
        long start = System.nanoTime();
        current = store.commitOrThrow(Txn.begin().update(current, cloneOf("u" + i))).written(key);
        long written = System.nanoTime();
        long revision = current.modRevision();
        assertThat(opened.informer().await(revision, Duration.ofSeconds(5))).isTrue();
        eventually("told", Duration.ofSeconds(5), () -> seen.containsKey(revision));
        if (i >= 0) {
          writes[i] = written - start;
          views[i] = Math.max(0, seen.get(revision) - written);
        }
      }
    }
    print("commit", writes);
    print("listener told after the answer", views);
    assertThat(writes[writes.length / 2]).isLessThan(Duration.ofMillis(100).toNanos());
    assertThat(views[views.length / 2]).isLessThan(Duration.ofMillis(100).toNanos());
  }

  @Test
  @Order(2)
  void tenThousandRecordsAreListedPageByPageAndSynced() throws Exception {
    fill();
    Set<String> names = new HashSet<>();
    long start = System.nanoTime();
    String after = "";
    do {
      Page<CloneRecord> page = store.list(Kind.CLONE, 700, after);
      page.records().forEach(record -> names.add(record.key().name()));
      after = page.next().orElse("");
    } while (!after.isEmpty());
    System.out.printf("list of %d from etcd: %d ms%n", names.size(), millisSince(start));
    assertThat(names).hasSize(MANY + 1);

    start = System.nanoTime();
    try (Etcd second = Etcd.open(StoreSettings.of(etcd.endpoints()))) {
      assertThat(second.informer().awaitSynced(Duration.ofSeconds(30))).isTrue();
      System.out.printf("a new view of %d records: %d ms%n", MANY, millisSince(start));
      assertThat(second.informer().view().count(Kind.CLONE)).isEqualTo(MANY + 1);
    }
    StoreSettings settings = StoreSettings.of(etcd.endpoints());
    try (Links links = new Links(settings)) {
      verifyOften(new Requests(links, settings));
    }
  }

  private static void verifyOften(Requests requests) throws InterruptedException {
    GuardedView view = new GuardedView();
    view.write(Listing.read(requests)::applyTo);
    Verifier verifier = new Verifier(requests, view);
    long[] checks = new long[20];
    for (int i = 0; i < checks.length; i++) {
      long start = System.nanoTime();
      assertThat(verifier.verify()).isInstanceOf(Verifier.Complete.class);
      checks[i] = System.nanoTime() - start;
    }
    print("verification of " + MANY, checks);
  }

  private static void fill() throws InterruptedException {
    long start = System.nanoTime();
    Semaphore inFlight = new Semaphore(64);
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int batch = 0; batch < MANY; batch += 25) {
        Txn txn = Txn.begin();
        for (int i = batch; i < batch + 25; i++) {
          txn = txn.create(Keys.clone("c" + i), cloneOf("u" + i));
        }
        Txn ready = txn;
        inFlight.acquire();
        writers.execute(() -> {
          store.commitOrThrow(ready);
          inFlight.release();
        });
      }
    }
    System.out.printf("%d records written in %d ms%n", MANY, millisSince(start));
  }

  private static long millisSince(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
  }

  private static void print(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%s: p50 %.2f ms, p95 %.2f ms, max %.2f ms%n",
        what,
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 95 / 100] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }
}
