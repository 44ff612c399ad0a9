package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.arrays.SanAgent;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.Informer;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Leadership;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Pool;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all workers share during one term of leadership. */
final class Term implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Term.class);
  private static final Duration CATCH_UP = Duration.ofSeconds(1);

  private final Leadership leadership;
  private final Store store;
  private final Informer informer;
  private final Fleet fleet;
  private final Arrays arrays;
  private final InstantSource clock;
  private final Retries retries;
  private final Deaths deaths = new Deaths();
  private final HostWatch hosts;
  private final Map<Key<?>, Long> attempted = new ConcurrentHashMap<>();
  private final Set<String> fencesReported = ConcurrentHashMap.newKeySet();

  Term(
      Leadership leadership,
      Store store,
      Informer informer,
      Fleet fleet,
      InstantSource clock,
      RandomGenerator random) {
    this.leadership = leadership;
    this.store = store;
    this.informer = informer;
    this.fleet = fleet;
    this.arrays = new Arrays(store, leadership.installation(), leadership::fence);
    this.clock = clock;
    this.retries = new Retries(random);
    this.hosts = new HostWatch(clock);
  }

  /** Ends what it holds of arrays. */
  @Override
  public void close() {
    arrays.close();
  }

  Leadership leadership() {
    return leadership;
  }

  Store store() {
    return store;
  }

  View view() {
    return informer.view();
  }

  /** Is the view known to be complete? While it is not, nothing is done on hosts. */
  boolean viewIsFresh() {
    return informer.staleSince().isEmpty();
  }

  Instant now() {
    return clock.instant();
  }

  Retries retries() {
    return retries;
  }

  Deaths deaths() {
    return deaths;
  }

  HostWatch hosts() {
    return hosts;
  }

  void requireLeading() {
    if (!leadership.isHeld()) {
      throw new Deposed();
    }
  }

  /**
   * Throws where an agent turned a call away for its fence. Without the term that is {@link
   * Deposed}. With it, it is the agent that is wrong: the call is to be repeated until its operator
   * has seen to it.
   */
  void requireAccepted(AgentException error) {
    if (error.verdict() != AgentException.Verdict.DEPOSED) {
      return;
    }
    requireLeading();
    if (fencesReported.add(error.fault().message())) {
      log.atError()
          .addKeyValue("fence", leadership.fence())
          .log(
              "{}: was etcd restored from a backup? Stop the agent, remove <state dir>/fence, start"
                  + " it",
              error.fault().message());
    }
    throw error;
  }

  /** The agent of a host, with this term's fence; empty where no such host was ever recorded. */
  Optional<Agent> agent(String host) {
    return address(host)
        .map(address -> new SanAgent(fleet.leader(address, leadership), host, arrays, this::view));
  }

  /** See {@link HostViews#isRemoved}. */
  boolean isRemoved(String host) {
    return HostViews.isRemoved(view(), host);
  }

  /** There is a record of this host, be it one that cannot be read. */
  boolean isRecorded(String host) {
    Key<HostRecord> key = Keys.host(host);
    return view().get(key).isPresent()
        || view().unreadable().stream().anyMatch(record -> record.path().equals(key.path()));
  }

  Optional<String> address(String host) {
    return view()
        .get(Keys.host(host))
        .map(Versioned::value)
        .map(HostRecord::getAgentAddress)
        .filter(address -> !address.isEmpty());
  }

  /** The pool as its host says; empty where the host is away or has no such pool. */
  Optional<Pool> pool(String host, String name) {
    Optional<HostReport> report = HostViews.alive(view(), host);
    return report.stream()
        .flatMap(said -> said.getPoolsList().stream())
        .filter(pool -> pool.getName().equals(SanPool.onHost(name)))
        .findFirst();
  }

  /** Waits until the view has a write, so that nobody acts on the past. */
  void wrote(long revision) {
    try {
      informer.await(revision, CATCH_UP);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * True once for a record that was made in this term: nobody can have done anything about it yet,
   * so there is nothing to look for. The fence is the revision at which the term began.
   */
  boolean isUntouched(Versioned<?> record) {
    Long before = attempted.put(record.key(), record.createRevision());
    boolean first = before == null || before != record.createRevision();
    return first && record.createRevision() > leadership.fence();
  }

  void forget(Key<?> key) {
    attempted.remove(key);
    retries.succeeded(key);
    deaths.forget(key);
  }
}
