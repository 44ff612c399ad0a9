package dev.ramet.coordinator.store;

import static dev.ramet.coordinator.store.StoreTests.cloneOf;
import static dev.ramet.coordinator.store.StoreTests.eventually;
import static dev.ramet.coordinator.store.StoreTests.pause;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.coordinator.store.StoreException.Code;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.store.v1.CloneRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class LeaseElectionIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static final Duration TTL = Duration.ofSeconds(3);
  private static final Key<CloneRecord> CLONE = Keys.clone("a");

  private final Candidate one = new Candidate("one");
  private final Candidate two = new Candidate("two");

  /** A coordinator of its own: its own connection, its own campaign, and what it was told. */
  private static final class Candidate implements Election.Listener {
    private final String name;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private Etcd opened;
    private Election election;

    private Candidate(String name) {
      this.name = name;
    }

    private void open() {
      opened = Etcd.open(StoreTests.hasty(etcd.endpoints()));
      election = opened.campaign("reconciler", name, TTL, this);
    }

    private boolean leads() {
      return election.leadership().isPresent();
    }

    private void awaitLeading() {
      eventually(name + " leads", Duration.ofSeconds(15), this::leads);
    }

    @Override
    public void elected(Leadership leadership) {
      told.add("elected " + leadership.fence());
    }

    @Override
    public void lost(Leadership leadership) {
      told.add((leadership.isHeld() ? "still holds " : "lost ") + leadership.fence());
    }

    private void close() {
      if (opened != null) {
        opened.close();
      }
    }
  }

  @BeforeEach
  void empty() {
    etcd.clear();
  }

  @AfterEach
  void close() {
    etcd.thaw();
    one.close();
    two.close();
  }

  @Test
  void oneLeadsAndWhenItStepsDownTheOtherFollowsAtOnceWithAGreaterFence() {
    one.open();
    one.awaitLeading();
    two.open();
    pause(TTL.plusSeconds(1)); // longer than a term without renewal
    assertThat(one.leads()).isTrue();
    assertThat(two.leads()).isFalse();
    assertThat(two.election.leader()).contains("one");
    Leadership first = one.election.leadership().orElseThrow();

    one.close();
    assertThat(first.isHeld()).isFalse();
    assertThat(one.told).containsExactly("elected " + first.fence(), "lost " + first.fence());
    Duration took = eventually("two leads", Duration.ofSeconds(2), two::leads);
    System.out.printf("takeover after stepping down: %d ms%n", took.toMillis());
    assertThat(two.election.leadership().orElseThrow().fence()).isGreaterThan(first.fence());
    assertThat(two.election.leadership().orElseThrow().installation())
        .isEqualTo(first.installation());
  }

  @Test
  void aGuardedWriteIsDoneInTheTermAndRefusedAfterIt() {
    one.open();
    one.awaitLeading();
    Leadership term = one.election.leadership().orElseThrow();
    Versioned<CloneRecord> made =
        one.opened
            .store()
            .commitOrThrow(Txn.begin().create(CLONE, cloneOf("u1")).leading(term))
            .written(CLONE);

    one.close();
    two.open();
    two.awaitLeading();
    Store store = two.opened.store();
    // the deposed one does not know it yet: etcd refuses
    Leadership deposed = new Unaware(term);
    Txn late = Txn.begin().update(made, cloneOf("u2")).leading(deposed);
    assertThat(store.commit(late)).isEqualTo(new Outcome.Deposed(term.fence()));
    assertThatThrownBy(() -> store.modify(CLONE, c -> cloneOf("u3"), deposed))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.DEPOSED));
    // and who knows it does not even ask
    assertThat(store.commit(Txn.begin().update(made, cloneOf("u2")).leading(term)))
        .isEqualTo(new Outcome.Deposed(term.fence()));
    assertThat(store.get(CLONE)).contains(made);
  }

  private record Unaware(String electionKey, long fence, String installation)
      implements Leadership {
    private Unaware(Leadership term) {
      this(term.electionKey(), term.fence(), term.installation());
    }

    @Override
    public boolean isHeld() {
      return true;
    }
  }

  @Test
  void aLeaderThatCannotRenewIsDeposedByItsOwnClockBeforeItsLeaseEnds() {
    one.open();
    one.awaitLeading();
    Leadership term = one.election.leadership().orElseThrow();
    etcd.freeze();
    Duration held = eventually("not held", TTL.plusSeconds(1), () -> !term.isHeld());
    eventually("told", Duration.ofMillis(500), () -> one.told.size() == 2);
    System.out.printf(
        "frozen etcd, TTL %d ms: term given up after %d ms%n", TTL.toMillis(), held.toMillis());
    assertThat(held).isLessThan(TTL);
    assertThat(one.told).containsExactly("elected " + term.fence(), "lost " + term.fence());

    etcd.thaw();
    Duration back = eventually("leads again", Duration.ofSeconds(10), one::leads);
    System.out.printf("leads again %d ms after etcd was thawed%n", back.toMillis());
    assertThat(one.election.leadership().orElseThrow().fence()).isGreaterThan(term.fence());
  }

  @Test
  void aShortOutageOfEtcdEndsNoTerm() {
    one.open();
    one.awaitLeading();
    Leadership term = one.election.leadership().orElseThrow();
    etcd.kill();
    etcd.restart();
    pause(TTL);
    assertThat(term.isHeld()).isTrue();
    assertThat(one.told).containsExactly("elected " + term.fence());
  }

  @Test
  void afterALongOutageSomebodyLeadsWithinSeconds() {
    one.open();
    two.open();
    eventually("one of them leads", Duration.ofSeconds(5), () -> one.leads() || two.leads());
    etcd.kill();
    eventually("nobody leads", Duration.ofSeconds(5), () -> !one.leads() && !two.leads());
    pause(Duration.ofSeconds(2));
    etcd.restart();
    Duration took = eventually("leads", Duration.ofSeconds(10), () -> one.leads() || two.leads());
    System.out.printf("leader %d ms after etcd is back%n", took.toMillis());
  }

  @Test
  void aSilentLeaderIsReplacedAfterItsTimeToLive() throws Exception {
    // holds the key under a lease that nobody renews: a coordinator that was killed
    etcd.leased(Keys.election("reconciler"), "dead", TTL);
    two.open();
    Duration took = eventually("two leads", TTL.plusSeconds(3), two::leads);
    System.out.printf(
        "takeover from a dead leader, TTL %d ms: %d ms%n", TTL.toMillis(), took.toMillis());
  }

  @Test
  void whoeverLosesItsKeyLosesItsTerm() {
    one.open();
    one.awaitLeading();
    Leadership term = one.election.leadership().orElseThrow();
    etcd.clear();
    eventually("lost", TTL, () -> !term.isHeld());
    eventually("leads again", Duration.ofSeconds(5), one::leads);
    assertThat(one.election.leadership().orElseThrow().fence()).isGreaterThan(term.fence());
  }
}
