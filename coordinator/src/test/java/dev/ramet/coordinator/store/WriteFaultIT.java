package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static dev.ramet.coordinator.store.StoreTests.eventually;
import static dev.ramet.coordinator.store.StoreTests.pause;
import static dev.ramet.coordinator.store.StoreTests.portOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.coordinator.store.StoreException.Code;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.PortRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes whose answer is lost: frozen and killed servers. */
@Timeout(60)
class WriteFaultIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Key<CloneRecord> CLONE = Keys.clone("a");
  private static final Key<PortRecord> PORT = Keys.port("h", 15000);

  private Etcd opened;
  private Store store;

  @BeforeEach
  void open() {
    etcd.clear();
    opened = Etcd.open(StoreTests.hasty(etcd.endpoints()));
    store = opened.store();
    assertThat(store.get(CLONE)).isEmpty();
  }

  @AfterEach
  void close() {
    etcd.thaw();
    opened.close();
  }

  @Test
  void aWriteThatLandsAfterItsTimeIsRecognisedWhenItIsAskedAgain() {
    Txn txn = Txn.begin().create(CLONE, cloneOf("u1")).put(PORT, portOf("u1"));
    CompletableFuture<Outcome> outcome;
    etcd.freeze();
    try {
      outcome = CompletableFuture.supplyAsync(() -> store.commit(txn, Duration.ofSeconds(8)));
      pause(Duration.ofSeconds(2)); // more than one attempt
      assertThat(outcome).isNotDone();
    } finally {
      etcd.thaw();
    }
    Outcome.Committed committed = (Outcome.Committed) outcome.join();
    Versioned<CloneRecord> there = store.get(CLONE).orElseThrow();
    assertThat(committed.written(CLONE)).isEqualTo(there);
    assertThat(there.modRevision()).as("written once").isEqualTo(there.createRevision());
    assertThat(store.get(PORT).orElseThrow().modRevision()).isEqualTo(there.modRevision());
  }

  @Test
  void aRepetitionAndTheWriteAfterAnUnknownOneShutTheDoorBehindThem() {
    etcd.freeze();
    try {
      // one attempt only: it alone does not renew the session
      assertThatThrownBy(
              () -> store.commit(Txn.begin().create(CLONE, cloneOf("u1")), Duration.ofMillis(600)))
          .isInstanceOf(StoreException.class);
    } finally {
      etcd.thaw();
    }
    assertThat(sessionRevision()).isZero();
    create("b");
    long afterUnknown = sessionRevision();
    assertThat(afterUnknown).as("after an unknown one").isPositive();
    create("c");
    assertThat(sessionRevision()).as("not without need").isEqualTo(afterUnknown);

    CompletableFuture<Outcome> repeated;
    etcd.freeze();
    try {
      repeated =
          CompletableFuture.supplyAsync(() ->
              store.commit(
                  Txn.begin().create(Keys.clone("d"), cloneOf("u4")), Duration.ofSeconds(8)));
      pause(Duration.ofSeconds(2));
    } finally {
      etcd.thaw();
    }
    assertThat(repeated.join()).isInstanceOf(Outcome.Committed.class);
    assertThat(sessionRevision()).as("after a repetition").isGreaterThan(afterUnknown);
  }

  private void create(String name) {
    assertThat(store.commit(Txn.begin().create(Keys.clone(name), cloneOf("u"))))
        .isInstanceOf(Outcome.Committed.class);
  }

  private static long sessionRevision() {
    return etcd.modRevision(Keys.SESSION);
  }

  @Test
  void anotherStoreThatRenewsTheSessionKeepsNobodyFromWriting() {
    try (Etcd other = Etcd.open(StoreTests.hasty(etcd.endpoints()))) {
      for (int i = 0; i < 5; i++) {
        etcd.put(Keys.SESSION, new byte[] {(byte) i});
        assertThat(store.commit(Txn.begin().create(Keys.clone("x" + i), cloneOf("u"))))
            .isInstanceOf(Outcome.Committed.class);
        assertThat(other.store().commit(Txn.begin().create(Keys.clone("y" + i), cloneOf("u"))))
            .isInstanceOf(Outcome.Committed.class);
      }
    }
  }

  @Test
  void whatCouldNotBeFoundOutIsSaidAndLandsAtMostOnce() {
    Txn txn = Txn.begin().create(CLONE, cloneOf("u1"));
    etcd.freeze();
    try {
      assertThatThrownBy(() -> store.commit(txn, Duration.ofMillis(1500)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_OUTCOME))
          .hasMessageContaining("may still be");
    } finally {
      etcd.thaw();
    }
    pause(Duration.ofMillis(500));
    // whoever asks again gets one record, by either of the two calls
    Outcome again = store.commit(Txn.begin().create(CLONE, cloneOf("u1")));
    Versioned<CloneRecord> there = store.get(CLONE).orElseThrow();
    assertThat(there.modRevision()).isEqualTo(there.createRevision());
    assertThat(there.value().getMeta().getUid()).isEqualTo("u1");
    assertThat(again).isNotInstanceOf(Outcome.Deposed.class);
  }

  @Test
  void anUpdateThatLandsLateOverwritesNobody() {
    Versioned<CloneRecord> first =
        store.commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1"))).written(CLONE);
    try (Etcd other = Etcd.open(StoreTests.hasty(etcd.endpoints()))) {
      assertThat(other.store().get(CLONE)).contains(first);
      etcd.freeze();
      CompletableFuture<Versioned<CloneRecord>> theirs;
      try {
        theirs =
            CompletableFuture.supplyAsync(() ->
                other
                    .store()
                    .commitOrThrow(Txn.begin().update(first, cloneOf("theirs")))
                    .written(CLONE));
        pause(Duration.ofMillis(200));
        assertThatThrownBy(() ->
                store.commit(Txn.begin().update(first, cloneOf("ours")), Duration.ofSeconds(1)))
            .isInstanceOf(StoreException.class);
      } finally {
        etcd.thaw();
      }
      String winner = eventuallyDecided(theirs);
      pause(Duration.ofMillis(500)); // all that is still in sockets arrives
      Versioned<CloneRecord> there = store.get(CLONE).orElseThrow();
      assertThat(there.value().getMeta().getUid()).isEqualTo(winner);
    }
  }

  private static String eventuallyDecided(CompletableFuture<Versioned<CloneRecord>> theirs) {
    try {
      return theirs.join().value().getMeta().getUid();
    } catch (java.util.concurrent.CompletionException e) {
      StoreException refused = (StoreException) e.getCause();
      assertThat(refused.code()).isEqualTo(Code.CONFLICT);
      return "ours";
    }
  }

  @Test
  void aDeletionThatIsRepeatedIsDone() {
    Versioned<CloneRecord> first =
        store.commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1"))).written(CLONE);
    etcd.freeze();
    CompletableFuture<Outcome> outcome;
    try {
      outcome =
          CompletableFuture.supplyAsync(
              () -> store.commit(Txn.begin().delete(first).delete(PORT), Duration.ofSeconds(8)));
      pause(Duration.ofMillis(1200));
    } finally {
      etcd.thaw();
    }
    assertThat(outcome.join()).isInstanceOf(Outcome.Committed.class);
    assertThat(store.get(CLONE)).isEmpty();
  }

  /** A move takes the record's uid along: it is no sign of who moved it. */
  @Test
  void ofTwoWhoMoveOneRecordToOneNameOneIsTold() {
    Versioned<CloneRecord> first =
        store.commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1"))).written(CLONE);
    Key<CloneRecord> target = Keys.clone("b");
    Txn move = Txn.begin().delete(first).create(target, cloneOf("u1"));
    try (Etcd other = Etcd.open(StoreTests.hasty(etcd.endpoints()))) {
      assertThat(other.store().get(CLONE)).contains(first);
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      etcd.freeze();
      try {
        for (Store mover : List.of(store, other.store())) {
          outcomes.add(
              CompletableFuture.supplyAsync(() -> mover.commit(move, Duration.ofSeconds(8))));
        }
        pause(Duration.ofSeconds(2)); // each sends it more than once
      } finally {
        etcd.thaw();
      }
      assertThat(outcomes.stream().map(CompletableFuture::join).map(Object::getClass))
          .containsExactlyInAnyOrder(Outcome.Committed.class, Outcome.Conflict.class);
    }
  }

  @Test
  void writesGoOnRightAfterEtcdIsBack() {
    store.commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1")));
    etcd.kill();
    assertThatThrownBy(() ->
            store.commit(Txn.begin().create(Keys.clone("b"), cloneOf("u2")), Duration.ofSeconds(3)))
        .isInstanceOf(StoreException.class);
    etcd.restart();
    Duration took =
        eventually(
            "a write succeeds",
            Duration.ofSeconds(5),
            () -> store.commit(Txn.begin().create(Keys.clone("c"), cloneOf("u3"))) != null);
    System.out.printf("first write after etcd is back: %d ms%n", took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void underRandomFreezesEveryCommittedWriteIsThereAndEveryRefusedOneIsNot() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Thread chaos =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; i < 6; i++) {
                pause(Duration.ofMillis(random.nextInt(50, 400)));
                etcd.freeze();
                pause(Duration.ofMillis(random.nextInt(300, 1800)));
                etcd.thaw();
              }
            });
    int n = 0;
    while (chaos.isAlive()) {
      Key<CloneRecord> key = Keys.clone("r" + n++);
      String uid = "u" + n;
      try {
        Outcome outcome =
            store.commit(Txn.begin().create(key, cloneOf(uid)), Duration.ofMillis(2000));
        assertThat(outcome).as("no one else writes " + key).isInstanceOf(Outcome.Committed.class);
        Versioned<CloneRecord> there = store.get(key).orElseThrow();
        assertThat(((Outcome.Committed) outcome).written(key)).isEqualTo(there);
        assertThat(there.modRevision()).isEqualTo(there.createRevision());
      } catch (StoreException e) {
        assertThat(e.code()).isIn(Code.UNKNOWN_OUTCOME, Code.UNAVAILABLE);
      }
    }
    chaos.join();
    System.out.println(n + " writes under freezes");
  }
}
