package dev.ramet.coordinator.reconcile;

import com.google.protobuf.Timestamp;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Inventory;
import dev.ramet.coordinator.fleet.Inventory.SnapshotSeen;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.names.HostId;
import dev.ramet.coordinator.records.Expectations;
import dev.ramet.coordinator.records.HostReaps;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.StoreException;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.v1.KeptThing;
import dev.ramet.proto.v1.Reap;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a host holds and no record wants: it is told, and removed after a grace period, or at once
 * where the host's record says so.
 *
 * <p>Nothing is removed on the word of the view alone: etcd is asked once more right before. What
 * is not ours is never touched, nor what a record that cannot be read may want.
 */
final class OrphanSweep {
  private static final Logger log = LoggerFactory.getLogger(OrphanSweep.class);

  private final Term term;
  private final ReconcileSettings settings;
  private final Telemetry telemetry;
  private final Map<String, Map<String, Known>> knownByHost = new ConcurrentHashMap<>();

  /**
   * Since when it is known: for people, and by a clock that nobody sets (System.nanoTime), so that
   * a jump of the other one takes no grace away.
   */
  private record Known(Instant since, long nanoTime) {}

  OrphanSweep(Term term, ReconcileSettings settings, Telemetry telemetry) {
    this.term = term;
    this.settings = settings;
    this.telemetry = telemetry;
  }

  /** What was wanted, and asked for, before the host was. */
  record Begun(String host, Expectations wanted, Optional<Timestamp> wish) {}

  /** To be called before the host is asked what it holds. */
  Begun begin(String host) {
    return new Begun(host, Expectations.of(term.view(), host), wish(host));
  }

  boolean isAskedFor(String host) {
    return wish(host).isPresent();
  }

  boolean knows(String host) {
    return !knownByHost.getOrDefault(host, Map.of()).isEmpty();
  }

  void forget(String host) {
    knownByHost.remove(host);
  }

  void sweep(Begun begun, Agent agent, Inventory inventory) {
    String host = begun.host();
    Map<String, String> orphans = orphans(begun, inventory);
    Map<String, Known> known = knownByHost.computeIfAbsent(host, _ -> new HashMap<>());
    known.keySet().retainAll(orphans.keySet());
    for (String id : orphans.keySet()) {
      if (known.putIfAbsent(id, new Known(term.now(), System.nanoTime())) == null) {
        log.atWarn().addKeyValue("host", host).addKeyValue("id", id).log("no record wants this");
      }
    }
    telemetry.orphans(host, known.size());
    Reap.Builder outcome = Reap.newBuilder().setHost(host).setDone(true);
    Map.copyOf(known)
        .forEach((id, since) -> {
          if (begun.wish().isPresent() || isDue(since)) {
            keptOrRemoved(host, agent, orphans.getOrDefault(id, ""), id)
                .ifPresentOrElse(
                    reason -> outcome.addKept(KeptThing.newBuilder().setId(id).setReason(reason)),
                    () -> {
                      outcome.addRemoved(id);
                      known.remove(id);
                    });
          }
        });
    record(begun, known, outcome);
  }

  /** Id to pool. What was wanted before the host was asked may be on its way out: no orphan yet. */
  private Map<String, String> orphans(Begun begun, Inventory inventory) {
    Map<String, String> ids = new TreeMap<>();
    inventory.instances().stream().map(InstanceSeen::id).forEach(id -> ids.put(id, ""));
    for (VolumeSeen volume : inventory.volumes()) {
      ids.put(volume.id(), volume.pool());
    }
    for (SnapshotSeen snapshot : inventory.snapshots()) {
      ids.put(snapshot.id(), snapshot.pool());
    }
    Expectations now = Expectations.of(term.view(), begun.host());
    ids.keySet()
        .removeIf(id ->
            HostId.parse(id)
                .map(parsed -> begun.wanted().keeps(parsed) || now.keeps(parsed))
                .orElse(true));
    return ids;
  }

  private boolean isDue(Known since) {
    return System.nanoTime() - since.nanoTime() >= settings.orphanGrace().toNanos();
  }

  /** Why it stays; empty: it is removed. A refusal keeps nothing else from being removed. */
  private Optional<String> keptOrRemoved(String host, Agent agent, String pool, String id) {
    HostId parsed = HostId.parse(id).orElseThrow();
    Optional<String> kept = reasonToKeep(host, parsed);
    if (kept.isEmpty()) {
      try {
        remove(agent, pool, parsed);
      } catch (AgentException error) {
        term.requireAccepted(error);
        kept = Optional.of(error.fault().code() + ": " + error.fault().message());
      }
    }
    if (kept.isPresent()) {
      log.atWarn()
          .addKeyValue("host", host)
          .addKeyValue("id", id)
          .log("no record wants it, and it is not removed: {}", kept.get());
      return kept;
    }
    telemetry.orphanRemoved(host);
    log.atWarn()
        .addKeyValue("host", host)
        .addKeyValue("id", id)
        .log("removed: no record wanted it");
    return kept;
  }

  private Optional<String> reasonToKeep(String host, HostId id) {
    if (!term.viewIsFresh()) {
      return Optional.of("etcd does not answer");
    }
    term.requireLeading();
    try {
      Expectations now = Expectations.read(term.store(), host, id);
      if (now.protects(id)) {
        return Optional.of("a record that may want it cannot be read");
      }
      return now.wants(id) ? Optional.of("a record wants it now") : Optional.empty();
    } catch (StoreException unknown) {
      // Unreadable, or etcd does not answer: it may be wanted.
      return Optional.of("its record cannot be read: " + unknown.getMessage());
    }
  }

  private static void remove(Agent agent, String pool, HostId parsed) {
    String id = parsed.text();
    if (pool.isEmpty()) {
      agent.deleteInstance(id); // only that was seen; its volume, if there is one, is somebody's
      return;
    }
    switch (parsed) {
      case HostId.OfClone _ -> {
        agent.deleteInstance(id);
        agent.detachVolume(pool, id);
        agent.deleteVolume(pool, id);
      }
      case HostId.OfBuild _ -> {
        agent.cancelLoad(pool, id);
        agent.deleteInstance(id);
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

  private Optional<Timestamp> wish(String host) {
    return term.view()
        .get(Keys.host(host))
        .map(Versioned::value)
        .filter(HostRecord::hasReapTime)
        .map(HostRecord::getReapTime);
  }

  /** What is known, and that a wish is carried out, for the API to read. */
  private void record(Begun begun, Map<String, Known> known, Reap.Builder outcome) {
    Map<String, Instant> times = new HashMap<>();
    known.forEach((id, found) -> times.put(id, found.since()));
    UnaryOperator<HostRecord> change =
        host -> {
          HostRecord seen = HostReaps.withOrphans(host, times);
          return begun.wish().map(wish -> HostReaps.carriedOut(seen, wish, outcome)).orElse(seen);
        };
    boolean news =
        term.view()
            .get(Keys.host(begun.host()))
            .map(host -> !change.apply(host.value()).equals(host.value()))
            .orElse(false);
    if (news) {
      term.store()
          .modify(Keys.host(begun.host()), change, term.leadership())
          .ifPresent(written -> term.wrote(written.modRevision()));
    }
  }
}
