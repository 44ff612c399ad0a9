package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Inventory;
import dev.ramet.coordinator.fleet.Inventory.Leftover;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Replica;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares everything that one host holds with the records: what no record wants ({@link
 * OrphanSweep}), replicas that went away, and what a pool cannot make sense of.
 */
final class HostSweep {
  private static final Logger log = LoggerFactory.getLogger(HostSweep.class);
  private static final Duration ASKED_AGAIN = Duration.ofSeconds(1);

  private final Term term;
  private final ReconcileSettings settings;
  private final Telemetry telemetry;
  private final OrphanSweep orphans;
  private final Map<String, Set<Leftover>> leftoversByHost = new ConcurrentHashMap<>();

  HostSweep(Term term, ReconcileSettings settings, Telemetry telemetry) {
    this.term = term;
    this.settings = settings;
    this.telemetry = telemetry;
    this.orphans = new OrphanSweep(term, settings, telemetry);
  }

  Next work(Key<?> key) {
    String host = key.name();
    Optional<Agent> agent = term.agent(host);
    if (agent.isEmpty()) {
      orphans.forget(host);
      leftoversByHost.remove(host);
      return Next.whenever();
    }
    if (!term.hosts().isAlive(term.view(), host)) {
      return Next.whenever();
    }
    try {
      List<Versioned<RevisionRecord>> before = term.view().list(Kind.REVISION);
      OrphanSweep.Begun begun = orphans.begin(host);
      Inventory inventory = agent.get().inventory();
      reportLeftovers(host, inventory.leftovers());
      noticeLostReplicas(host, agent.get(), before, inventory);
      orphans.sweep(begun, agent.get(), inventory);
    } catch (AgentException error) {
      term.requireAccepted(error);
      log.atDebug().addKeyValue("host", host).log("sweep: {}", error.fault().message());
    }
    return Next.after(pause(host).plusMillis(1));
  }

  private Duration pause(String host) {
    if (orphans.isAskedFor(host)) {
      return ASKED_AGAIN;
    }
    boolean sooner =
        orphans.knows(host) && settings.orphanGrace().compareTo(settings.sweepInterval()) < 0;
    return sooner ? settings.orphanGrace() : settings.sweepInterval();
  }

  /** What a pool could not make sense of is for its operator to look at: nothing removes it. */
  private void reportLeftovers(String host, List<Leftover> found) {
    Set<Leftover> now = Set.copyOf(found);
    Set<Leftover> before = Optional.ofNullable(leftoversByHost.put(host, now)).orElse(Set.of());
    telemetry.leftovers(host, now.size());
    now.stream()
        .filter(left -> !before.contains(left))
        .forEach(left ->
            log.atWarn()
                .addKeyValue("host", host)
                .addKeyValue("pool", left.pool())
                .addKeyValue("id", left.name())
                .log(
                    "neither a whole volume nor a whole snapshot: {}; see to it on the host",
                    left.reason()));
  }

  /** A replica that was READY before the host was asked, and is not there, is lost. */
  private void noticeLostReplicas(
      String host, Agent agent, List<Versioned<RevisionRecord>> revisions, Inventory inventory) {
    Set<String> present = new HashSet<>();
    inventory.snapshots().forEach(snapshot -> present.add(snapshot.pool() + "/" + snapshot.id()));
    for (Versioned<RevisionRecord> revision : revisions) {
      Optional<Replica> replica =
          RevisionRecords.replica(revision.value(), host)
              .filter(found -> found.getState() == Replica.State.READY);
      if (replica.isEmpty() || revision.value().getMeta().hasDeleteTime()) {
        continue;
      }
      String pool = replica.get().getPool();
      String snapshot = RevisionRecords.snapshotId(revision.value());
      boolean there = present.contains(pool + "/" + snapshot);
      boolean healthy = term.pool(host, pool).map(found -> found.getHealthy()).orElse(false);
      if (!there && healthy && isGone(host, agent, pool, snapshot)) {
        recordLost(revision, replica.get());
      }
    }
  }

  /** A list leaves out what cannot be read: only a look at the snapshot itself tells. */
  private boolean isGone(String host, Agent agent, String pool, String snapshot) {
    try {
      return !agent.observe(pool, "", "", snapshot).snapshot();
    } catch (AgentException error) {
      term.requireAccepted(error);
      log.atWarn()
          .addKeyValue("host", host)
          .addKeyValue("pool", pool)
          .addKeyValue("id", snapshot)
          .log("a replica is not listed and cannot be looked at: {}", error.fault().message());
      return false;
    }
  }

  private void recordLost(Versioned<RevisionRecord> revision, Replica replica) {
    RevisionCursor cursor = new RevisionCursor(term, revision);
    log.atError()
        .addKeyValue("revision", cursor.name())
        .addKeyValue("host", replica.getHost())
        .log("its replica is not in the pool any more");
    Replica lost =
        replica.toBuilder()
            .setState(Replica.State.FAILED)
            .setFailure(
                Failures.message(
                    ErrorCode.DATA_LOST.fault(
                        "the snapshot of %s is not in pool %s of host %s any more"
                            .formatted(cursor.name(), replica.getPool(), replica.getHost()))))
            .build();
    cursor.amend(record ->
        RevisionRecords.replica(record, replica.getHost()).equals(Optional.of(replica))
            ? RevisionRecords.withReplica(record, lost)
            : record);
  }

  static Key<?> key(String host) {
    return Keys.host(host);
  }
}
