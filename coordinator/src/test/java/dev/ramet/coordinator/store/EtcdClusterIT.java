package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static dev.ramet.coordinator.store.StoreTests.eventually;
import static dev.ramet.coordinator.store.StoreTests.pause;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.coordinator.store.StoreException.Code;
import dev.ramet.coordinator.testing.EtcdCluster;
import dev.ramet.coordinator.testing.EtcdNode;
import dev.ramet.proto.store.v1.CloneRecord;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.kv.TxnResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(90)
class EtcdClusterIT {
  @RegisterExtension static final EtcdCluster etcd = EtcdCluster.ofThree();

  private Etcd opened;
  private Store store;
  private Informer informer;

  @BeforeEach
  void open() throws InterruptedException {
    opened = Etcd.open(StoreTests.hasty(etcd.endpoints()));
    store = opened.store();
    informer = opened.informer();
    assertThat(informer.awaitSynced(Duration.ofSeconds(10))).isTrue();
  }

  @AfterEach
  void close() {
    opened.close();
  }

  @Test
  void aWriteOutlivesTheDeathOfTheLeader() {
    EtcdNode leader = etcd.leader();
    leader.kill();
    long start = System.nanoTime();
    Outcome outcome =
        store.commit(
            Txn.begin().create(Keys.clone("killed"), cloneOf("u")), Duration.ofSeconds(15));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(outcome).isInstanceOf(Outcome.Committed.class);
    System.out.printf("first write after the leader was killed: %d ms%n", took.toMillis());
    followed("killed");
    etcd.restart(leader);
  }

  @Test
  void theViewFollowsWhicheverMemberIsFrozen() {
    List<EtcdNode> nodes = etcd.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      String name = "frozen-" + i;
      nodes.get(i).freeze();
      try {
        Outcome outcome =
            store.commit(
                Txn.begin().create(Keys.clone(name), cloneOf("u")), Duration.ofSeconds(15));
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
        followed(name);
      } finally {
        nodes.get(i).thaw();
      }
    }
  }

  @Test
  void withoutAMajorityAWriteIsUnknownAndMayLandLaterOnce() {
    Key<CloneRecord> key = Keys.clone("late");
    EtcdNode leader = etcd.leader();
    List<EtcdNode> others = etcd.nodes().stream().filter(node -> node != leader).toList();
    others.forEach(EtcdNode::freeze);
    try {
      Txn txn = Txn.begin().create(key, cloneOf("u1"));
      assertThatThrownBy(() -> store.commit(txn, Duration.ofSeconds(2)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_OUTCOME));
      eventually("stale", Duration.ofSeconds(10), () -> informer.staleSince().isPresent());
    } finally {
      others.forEach(EtcdNode::thaw);
    }
    Duration fresh =
        eventually("fresh", Duration.ofSeconds(15), () -> informer.staleSince().isEmpty());
    System.out.printf("fresh %d ms after the majority is back%n", fresh.toMillis());
    pause(Duration.ofSeconds(1));
    boolean landed = store.get(key).isPresent();
    System.out.println("the write without a majority landed later: " + landed);
    Outcome again = store.commit(Txn.begin().create(key, cloneOf("u1")));
    assertThat(again).isInstanceOf(landed ? Outcome.Conflict.class : Outcome.Committed.class);
    Versioned<CloneRecord> there = store.get(key).orElseThrow();
    assertThat(there.modRevision()).isEqualTo(there.createRevision());
  }

  /**
   * Both attempts are sent by hand, the first one to a member that is frozen and with nobody to
   * cancel it: so it is surely carried out late.
   */
  @Test
  void anAttemptThatSatInAFrozenMemberDoesNotBringADeletedRecordBack() throws Exception {
    Key<CloneRecord> key = Keys.clone("ghost");
    PreparedTxn create = new PreparedTxn(Txn.begin().create(key, cloneOf("u1")), "w1");
    Session session = new Session();
    EtcdNode leader = etcd.leader();
    EtcdNode frozen =
        etcd.nodes().stream().filter(node -> node != leader).findFirst().orElseThrow();
    try (Client slow = Client.builder().endpoints(frozen.endpoint()).build();
        Client quick = Client.builder().endpoints(leader.endpoint()).build()) {
      // an empty write tells the session's revision, and connects
      Session.Door unknown = session.door(false);
      TxnResponse look = create.send(slow.getKVClient(), lookingOnly()).get(10, TimeUnit.SECONDS);
      session.learn(unknown, look, create.session(look));
      frozen.freeze();
      CompletableFuture<TxnResponse> first = create.send(slow.getKVClient(), session.door(false));
      try {
        TxnResponse second =
            create.send(quick.getKVClient(), session.door(true)).get(10, TimeUnit.SECONDS);
        assertThat(second.isSucceeded()).isTrue();
        Versioned<CloneRecord> there = store.get(key).orElseThrow();
        store.commitOrThrow(Txn.begin().delete(there));
      } finally {
        frozen.thaw();
      }
      assertThat(first.get(20, TimeUnit.SECONDS).isSucceeded()).as("the late one").isFalse();
    }
    assertThat(store.get(key)).isEmpty();
  }

  /** Asks for a session that never was: the answer brings the one that is. */
  private static Session.Door lookingOnly() {
    return new Session.Door(Long.MAX_VALUE, false, 0);
  }

  /** The same through the store, whichever member it talks to. */
  @Test
  void aDeletedRecordStaysDeletedWhenTheFrozenMemberIsBack() {
    for (EtcdNode node : etcd.nodes()) {
      Key<CloneRecord> key = Keys.clone("stays-" + node.endpoint().getPort());
      node.freeze();
      try {
        Outcome.Committed created =
            (Outcome.Committed)
                store.commit(Txn.begin().create(key, cloneOf("u1")), Duration.ofSeconds(15));
        Outcome deleted =
            store.commit(Txn.begin().delete(created.written(key)), Duration.ofSeconds(15));
        assertThat(deleted).isInstanceOf(Outcome.Committed.class);
      } finally {
        node.thaw();
      }
      pause(Duration.ofSeconds(1));
      assertThat(store.get(key)).as("after %s is back", node.endpoint()).isEmpty();
    }
  }

  private void followed(String name) {
    Duration took =
        eventually(
            "the view follows " + name,
            Duration.ofSeconds(12),
            () -> informer.view().get(Keys.clone(name)).isPresent());
    System.out.printf("%s: seen %d ms after the write%n", name, took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }
}
