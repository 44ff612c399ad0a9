package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Inventory;
import dev.ramet.coordinator.fleet.Inventory.Leftover;
import dev.ramet.coordinator.fleet.Inventory.SnapshotSeen;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.records.Expectations;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Kind;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Replica;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares everything that one host holds with the records: reports what no record wants, removes
 * it after a grace period, and notices replicas that went away.
 *
 * <p>Nothing is removed on the word of the view alone: etcd is asked once more right before.
 */
final class HostSweep {
  private static final Logger log = LoggerFactory.getLogger(HostSweep.class);

  private final Term term;
  private final ReconcileSettings settings;
  private final Telemetry telemetry;
  private final Map<String, Map<String, Instant>> orphansByHost = new ConcurrentHashMap<>();
  private final Map<String, Set<Leftover>> leftoversByHost = new ConcurrentHashMap<>();

  HostSweep(Term term, ReconcileSettings settings, Telemetry telemetry) {
    this.term = term;
    this.settings = settings;
    this.telemetry = telemetry;
  }

  Next work(Key<?> key) {
    String host = key.name();
    Optional<Agent> agent = term.agent(host);
    if (agent.isEmpty()) {
      orphansByHost.remove(host);
      leftoversByHost.remove(host);
      return Next.whenever();
    }
    if (!term.hosts().isAlive(term.view(), host)) {
      return Next.whenever();
    }
    try {
      List<Versioned<RevisionRecord>> before = term.view().list(Kind.REVISION);
      Inventory inventory = agent.get().inventory();
      reportLeftovers(host, inventory.leftovers());
      noticeLostReplicas(host, agent.get(), before, inventory);
      sweep(host, agent.get(), inventory);
    } catch (AgentException error) {
      term.requireAccepted(error);
      log.atDebug().addKeyValue("host", host).log("sweep: {}", error.fault().message());
    }
    boolean orphans = !orphansByHost.getOrDefault(host, Map.of()).isEmpty();
    Duration pause =
        orphans && settings.orphanGrace().compareTo(settings.sweepInterval()) < 0
            ? settings.orphanGrace()
            : settings.sweepInterval();
    return Next.after(pause.plusMillis(1));
  }

  private void sweep(String host, Agent agent, Inventory inventory) {
    Map<String, Instant> known = orphansByHost.computeIfAbsent(host, _ -> new HashMap<>());
    Map<String, String> pools = new HashMap<>();
    Set<String> ids = new HashSet<>();
    for (VolumeSeen volume : inventory.volumes()) {
      ids.add(volume.id());
      pools.put(volume.id(), volume.pool());
    }
    for (SnapshotSeen snapshot : inventory.snapshots()) {
      ids.add(snapshot.id());
      pools.put(snapshot.id(), snapshot.pool());
    }
    inventory.instances().stream().map(InstanceSeen::id).forEach(ids::add);
    Expectations expectations = Expectations.of(term.view(), host);
    Set<String> orphans = new HashSet<>();
    for (String id : ids) {
      HostId.parse(id)
          .filter(parsed -> !expectations.wants(parsed) && !expectations.protects(parsed))
          .ifPresent(_ -> orphans.add(id));
    }
    known.keySet().retainAll(orphans);
    for (String id : orphans) {
      if (known.putIfAbsent(id, term.now()) == null) {
        log.atWarn().addKeyValue("host", host).addKeyValue("id", id).log("no record wants this");
      }
    }
    telemetry.orphans(host, orphans.size());
    for (String id : Set.copyOf(known.keySet())) {
      boolean due =
          Duration.between(known.get(id), term.now()).compareTo(settings.orphanGrace()) >= 0;
      if (due && mayRemove(host, id) && removed(host, agent, pools.getOrDefault(id, ""), id)) {
        known.remove(id);
      }
    }
  }

  /** False where the host refused: the next sweep tries it again, this one goes on. */
  private boolean removed(String host, Agent agent, String pool, String id) {
    try {
      remove(agent, pool, id);
    } catch (AgentException error) {
      term.requireAccepted(error);
      log.atWarn()
          .addKeyValue("host", host)
          .addKeyValue("id", id)
          .addKeyValue("code", error.fault().code())
          .log("no record wants it, and it cannot be removed: {}", error.fault().message());
      return false;
    }
    telemetry.orphanRemoved(host);
    log.atWarn()
        .addKeyValue("host", host)
        .addKeyValue("id", id)
        .log("removed: no record wanted it");
    return true;
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

  private boolean mayRemove(String host, String id) {
    if (!term.viewIsFresh()) {
      return false;
    }
    term.requireLeading();
    HostId parsed = HostId.parse(id).orElseThrow();
    try {
      Expectations now = Expectations.read(term.store(), host, parsed);
      if (now.protects(parsed)) {
        notRemoved(host, id, "a record that may want it cannot be read");
        return false;
      }
      return !now.wants(parsed);
    } catch (StoreException unknown) {
      // Unreadable, or etcd does not answer: it may be wanted.
      notRemoved(host, id, "its record cannot be read: " + unknown.getMessage());
      return false;
    }
  }

  private static void notRemoved(String host, String id, String why) {
    log.atWarn().addKeyValue("host", host).addKeyValue("id", id).log("not removed, {}", why);
  }

  private static void remove(Agent agent, String pool, String id) {
    switch (HostId.parse(id).orElseThrow()) {
      case HostId.OfClone _ -> {
        agent.deleteInstance(id);
        if (!pool.isEmpty()) {
          agent.detachVolume(pool, id);
          agent.deleteVolume(pool, id);
        }
      }
      case HostId.OfBuild _ -> {
        agent.cancelLoad(pool, id);
        agent.detachVolume(pool, id);
        agent.deleteVolume(pool, id);
      }
      case HostId.OfSnapshot _ -> {
        agent.cancelPull(pool, id);
        agent.deleteSnapshot(pool, id);
      }
      case HostId.OfSave _ -> agent.deleteSnapshot(pool, id);
    }
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
