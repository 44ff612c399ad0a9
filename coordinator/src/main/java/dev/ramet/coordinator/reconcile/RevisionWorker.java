package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.lifecycle.RevisionEvent;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.names.SanPool;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Replica;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at one revision: builds it, keeps its replicas, or removes it from all hosts. */
final class RevisionWorker {
  private static final Logger log = LoggerFactory.getLogger(RevisionWorker.class);
  private static final Duration TRANSIENT_CAP = Duration.ofSeconds(2);
  private static final Duration STUBBORN_CAP = Duration.ofSeconds(30);

  private final Term term;
  private final ReconcileSettings settings;
  private final Telemetry telemetry;
  private final HostSlots slots;
  private final ReplicaWork replicas;

  RevisionWorker(Term term, ReconcileSettings settings, Telemetry telemetry, Placement placement) {
    this.term = term;
    this.settings = settings;
    this.telemetry = telemetry;
    this.slots = new HostSlots(settings.buildsPerHost());
    this.replicas = new ReplicaWork(term, settings, placement, slots);
  }

  /**
   * Looks at the revision as it is now.
   *
   * @param cancellation cancelled when the record changes while this runs
   */
  Next work(Key<?> key, Cancellation cancellation) throws InterruptedException {
    List<String> names = key.names();
    Key<RevisionRecord> revision = Keys.revision(names.get(0), Long.parseLong(names.get(1)));
    Optional<Versioned<RevisionRecord>> found = term.view().get(revision);
    if (found.isEmpty()) {
      term.forget(key);
      return Next.whenever();
    }
    RevisionCursor cursor = new RevisionCursor(term, found.get());
    try {
      dropRemovedHosts(cursor);
      return switch (cursor.state()) {
        case BUILDING -> build(cursor, cancellation);
        case FAILING, DELETING -> remove(cursor);
        case READY -> replicas.run(cursor, cancellation);
        case FAILED, GONE -> Next.whenever();
      };
    } catch (AgentException error) {
      return failed(cursor, error);
    } catch (FaultException error) {
      if (!error.fault().is(ErrorCode.BUILD_LOST)) {
        throw error; // another writer's turn, or a fault of ours: says nothing of the build
      }
      fail(cursor, error.fault());
      return Next.atOnce();
    }
  }

  /** Replicas on hosts that were declared lost; without any other the revision is lost too. */
  private void dropRemovedHosts(RevisionCursor cursor) {
    RevisionRecord revision = cursor.record();
    List<String> lost =
        revision.getReplicasList().stream().map(Replica::getHost).filter(term::isRemoved).toList();
    boolean onArray = SanPool.parse(revision.getBuildPool()).isPresent();
    if (lost.isEmpty() || cursor.state() != RevisionState.READY) {
      return;
    }
    UnaryOperator<RevisionRecord> drop =
        record -> {
          RevisionRecord left = record;
          for (String host : lost) {
            left = RevisionRecords.withoutReplica(left, host);
          }
          return left;
        };
    boolean elsewhere =
        !RevisionRecords.replicas(drop.apply(revision), Replica.State.READY).isEmpty();
    if (elsewhere || onArray) {
      cursor.amend(drop);
      return;
    }
    Fault fault =
        ErrorCode.HOST_REMOVED.fault(
            "the last replica of %s was on host %s, which was declared lost: build it again"
                .formatted(cursor.name(), String.join(", ", lost)));
    if (cursor.apply(RevisionEvent.REPLICAS_LOST, Optional.of(fault), drop)) {
      telemetry.failed("revision", fault.code());
    }
  }

  private Next build(RevisionCursor cursor, Cancellation cancellation) throws InterruptedException {
    String host = cursor.record().getBuildHost();
    if (term.isRemoved(host)) {
      return giveUp(
          cursor,
          ErrorCode.HOST_REMOVED.fault(
              "host %s was declared lost: build %s again".formatted(host, cursor.name())));
    }
    Optional<Agent> agent = term.agent(host);
    if (!term.hosts().isAlive(term.view(), host) || agent.isEmpty()) {
      return hostAway(cursor, host);
    }
    return slots
        .within(
            host, cancellation, () -> new BuildWork(term, cursor, agent.get(), cancellation).run())
        .orElse(Next.atOnce());
  }

  private Next hostAway(RevisionCursor cursor, String host) {
    Duration left = settings.hostPatience().minus(term.hosts().awayFor(host));
    if (left.isPositive()) {
      return Next.after(left.compareTo(TRANSIENT_CAP) < 0 ? left : TRANSIENT_CAP);
    }
    return giveUp(
        cursor,
        ErrorCode.HOST_LOST.fault(
            "host %s has not been heard of for %d s: see to its agent, then build %s again"
                .formatted(host, term.hosts().awayFor(host).toSeconds(), cursor.name())));
  }

  private Next giveUp(RevisionCursor cursor, Fault fault) {
    if (cursor.apply(RevisionEvent.GIVEN_UP, fault)) {
      telemetry.failed("revision", fault.code());
    }
    return Next.whenever();
  }

  private Next failed(RevisionCursor cursor, AgentException error) {
    term.requireAccepted(error);
    if (error.verdict() == AgentException.Verdict.CANCELLED) {
      return Next.atOnce(); // by ourselves: no trouble
    }
    Retries.Trouble trouble = term.retries().failed(cursor.key(), term.now());
    Duration lasting = Duration.between(trouble.since(), term.now());
    log.atWarn()
        .addKeyValue("revision", cursor.name())
        .addKeyValue("code", error.fault().code())
        .addKeyValue("attempt", trouble.attempts())
        .log(error.fault().message());
    boolean building = cursor.state() == RevisionState.BUILDING;
    return switch (error.verdict()) {
      case DEPOSED, CANCELLED -> throw error;
      case TRANSIENT -> {
        if (building && lasting.compareTo(settings.createPatience()) > 0) {
          fail(cursor, error.fault());
        }
        giveUpTearingDown(cursor, lasting);
        yield Next.after(term.retries().backoff(trouble, TRANSIENT_CAP));
      }
      case DEFINITE -> {
        if (building) {
          fail(cursor, error.fault());
          yield Next.atOnce();
        }
        giveUpTearingDown(cursor, lasting);
        yield Next.after(term.retries().backoff(trouble, STUBBORN_CAP));
      }
    };
  }

  private void fail(RevisionCursor cursor, Fault fault) {
    term.retries().succeeded(cursor.key());
    if (cursor.apply(RevisionEvent.BUILD_FAILED, fault)) {
      telemetry.failed("revision", fault.code());
    }
  }

  private void giveUpTearingDown(RevisionCursor cursor, Duration lasting) {
    if (cursor.state() == RevisionState.FAILING && lasting.compareTo(settings.hostPatience()) > 0) {
      cursor.apply(RevisionEvent.GIVEN_UP);
    }
  }

  /** Takes it off all hosts; a host that is away is waited for, because gone means gone. */
  private Next remove(RevisionCursor cursor) {
    RevisionRecord revision = cursor.record();
    if (hasClones(revision)) {
      return Next.after(TRANSIENT_CAP);
    }
    if (cursor.state() == RevisionState.DELETING && !cursor.beginDeleting()) {
      return Next.atOnce();
    }
    boolean waiting = false;
    for (Map.Entry<String, String> place : places(revision).entrySet()) {
      Optional<Agent> agent = term.agent(place.getKey());
      if (agent.isEmpty() || term.isRemoved(place.getKey())) {
        continue; // such a host holds nothing that could be reached
      }
      if (!term.hosts().isAlive(term.view(), place.getKey())) {
        waiting = true;
        continue;
      }
      term.requireLeading();
      if (!revision.hasReadyTime() && place.getKey().equals(revision.getBuildHost())) {
        removeBuild(agent.get(), revision);
      }
      if (hasClones(revision)) {
        return Next.after(TRANSIENT_CAP);
      }
      removeSnapshot(agent.get(), place.getKey(), place.getValue(), revision);
    }
    if (waiting) {
      boolean failing = cursor.state() == RevisionState.FAILING;
      return failing ? hostAway(cursor, revision.getBuildHost()) : Next.after(TRANSIENT_CAP);
    }
    cursor.apply(RevisionEvent.TORN_DOWN);
    term.retries().succeeded(cursor.key());
    return Next.whenever();
  }

  private boolean hasClones(RevisionRecord revision) {
    return !RevisionRecords.clonesOf(term.view(), revision.getImage(), revision.getNumber())
        .isEmpty();
  }

  private static void removeBuild(Agent agent, RevisionRecord revision) {
    String volume = RevisionRecords.buildVolumeId(revision);
    agent.cancelLoad(revision.getBuildPool(), volume);
    if (!revision.getFromSnapshot().isEmpty()) {
      agent.deleteInstance(volume);
    }
    agent.detachVolume(revision.getBuildPool(), volume);
    agent.deleteVolume(revision.getBuildPool(), volume);
  }

  /** A copy that was begun goes on at the agent until it is cancelled, whoever watches it. */
  private static void removeSnapshot(
      Agent agent, String host, String pool, RevisionRecord revision) {
    String snapshot = RevisionRecords.snapshotId(revision);
    boolean mayBeCopying =
        RevisionRecords.replica(revision, host)
            .filter(replica -> replica.getState() != Replica.State.READY)
            .isPresent();
    if (mayBeCopying) {
      agent.cancelPull(pool, snapshot);
    }
    agent.deleteSnapshot(pool, snapshot);
  }

  private static Map<String, String> places(RevisionRecord revision) {
    Map<String, String> places = new LinkedHashMap<>();
    if (!revision.getBuildHost().isEmpty()) {
      places.put(revision.getBuildHost(), revision.getBuildPool());
    }
    for (Replica replica : revision.getReplicasList()) {
      places.put(replica.getHost(), replica.getPool());
    }
    return places;
  }
}
