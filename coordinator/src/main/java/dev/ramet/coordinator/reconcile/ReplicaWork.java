package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.lifecycle.RevisionEvent;
import dev.ramet.coordinator.placement.BuildRequest;
import dev.ramet.coordinator.placement.HostView;
import dev.ramet.coordinator.placement.Placement;
import dev.ramet.coordinator.records.Failures;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.v1.Pool;
import dev.ramet.proto.v1.Replica;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the snapshot of a READY revision to the hosts that should have it, several at a time. */
final class ReplicaWork {
  private static final Logger log = LoggerFactory.getLogger(ReplicaWork.class);
  private static final Duration PASSING = Duration.ofSeconds(2);
  private static final int MAX_PASSING = 10;

  /** A host's copy of one revision. */
  private record Copy(String uid, String host) {}

  private final Term term;
  private final ReconcileSettings settings;
  private final Placement placement;
  private final HostSlots slots;
  private final Map<Copy, Instant> failedAt = new ConcurrentHashMap<>();
  private final Map<Copy, Integer> passing = new ConcurrentHashMap<>();

  ReplicaWork(Term term, ReconcileSettings settings, Placement placement, HostSlots slots) {
    this.term = term;
    this.settings = settings;
    this.placement = placement;
    this.slots = slots;
  }

  Next run(RevisionCursor cursor, Cancellation cancellation) throws InterruptedException {
    List<ReplicaStep> steps = RevisionPlanner.nextOfReplicas(situation(cursor.record()));
    List<Thread> pulls = new ArrayList<>();
    boolean recorded = false;
    for (ReplicaStep step : steps) {
      term.requireLeading();
      switch (step) {
        case ReplicaStep.Intend(String host, String pool) -> {
          record(cursor, host, pool, Replica.State.COPYING, Optional.empty());
          recorded = true;
        }
        case ReplicaStep.GiveUp(String host, String pool, String why) ->
            fail(cursor, host, pool, ErrorCode.HOST_LOST.fault(why));
        case ReplicaStep.Pull pull ->
            pulls.add(Thread.startVirtualThread(() -> pull(cursor, pull, cancellation)));
      }
    }
    for (Thread thread : pulls) {
      thread.join();
    }
    boolean copying = !RevisionRecords.replicas(cursor.record(), Replica.State.COPYING).isEmpty();
    if (!copying && !operationEnded(cursor.record())) {
      cursor.apply(RevisionEvent.REPLICATED);
    }
    if (recorded) {
      return Next.atOnce();
    }
    return copying ? Next.after(PASSING) : Next.whenever();
  }

  private boolean operationEnded(RevisionRecord revision) {
    return term.view()
        .get(Keys.operation(revision.getOperation()))
        .map(operation -> operation.value().getOperation().getDone())
        .orElse(true);
  }

  private void pull(RevisionCursor cursor, ReplicaStep.Pull pull, Cancellation cancellation) {
    try {
      Optional<Boolean> _ =
          slots.within(
              pull.host(),
              cancellation,
              () -> {
                copy(cursor, pull, cancellation);
                return true;
              });
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException error) {
      log.atWarn()
          .addKeyValue("revision", cursor.name())
          .addKeyValue("host", pull.host())
          .setCause(error)
          .log("copying will be tried again");
    }
  }

  private void copy(RevisionCursor cursor, ReplicaStep.Pull pull, Cancellation cancellation) {
    RevisionRecord revision = cursor.record();
    Copy copy = new Copy(revision.getMeta().getUid(), pull.host());
    String step = "replicate " + pull.host();
    OperationLog operation = new OperationLog(term, revision.getOperation());
    boolean noted = !operationEnded(revision);
    if (noted) {
      operation.begin(step);
    }
    try {
      term.agent(pull.host())
          .orElseThrow()
          .pullSnapshot(
              pull.pool(),
              RevisionRecords.snapshotId(revision),
              term.address(pull.fromHost()).orElseThrow(),
              pull.fromPool(),
              progress -> {
                if (noted) {
                  operation.progress(step, progress);
                }
              },
              cancellation);
    } catch (AgentException error) {
      failed(cursor, pull, copy, error);
      if (noted) {
        operation.end(step, false);
      }
      return;
    }
    passing.remove(copy);
    failedAt.remove(copy);
    if (noted) {
      operation.end(step, true);
    }
    record(cursor, pull.host(), pull.pool(), Replica.State.READY, Optional.empty());
  }

  private void failed(
      RevisionCursor cursor, ReplicaStep.Pull pull, Copy copy, AgentException error) {
    term.requireAccepted(error);
    switch (error.verdict()) {
      case DEPOSED -> throw error;
      case CANCELLED -> {}
      case TRANSIENT -> {
        if (passing.merge(copy, 1, Integer::sum) > MAX_PASSING) {
          passing.remove(copy);
          fail(cursor, pull.host(), pull.pool(), error.fault());
        }
      }
      case DEFINITE -> fail(cursor, pull.host(), pull.pool(), error.fault());
    }
  }

  private void fail(RevisionCursor cursor, String host, String pool, Fault fault) {
    failedAt.put(new Copy(cursor.record().getMeta().getUid(), host), term.now());
    log.atWarn()
        .addKeyValue("revision", cursor.name())
        .addKeyValue("host", host)
        .log("replica failed: {}", fault.message());
    record(cursor, host, pool, Replica.State.FAILED, Optional.of(fault));
  }

  private static void record(
      RevisionCursor cursor, String host, String pool, Replica.State state, Optional<Fault> fault) {
    Replica.Builder replica = Replica.newBuilder().setHost(host).setPool(pool).setState(state);
    fault.map(Failures::message).ifPresent(replica::setFailure);
    cursor.amend(revision -> RevisionRecords.withReplica(revision, replica.build()));
  }

  private RevisionPlanner.Replicas situation(RevisionRecord revision) {
    View view = term.view();
    List<HostView> hosts = HostViews.of(view, List.of());
    Set<String> alive =
        hosts.stream()
            .map(HostView::name)
            .filter(host -> term.hosts().isAlive(view, host))
            .collect(Collectors.toSet());
    Map<String, String> copying = RevisionRecords.replicas(revision, Replica.State.COPYING);
    Map<String, String> failed = RevisionRecords.replicas(revision, Replica.State.FAILED);
    return new RevisionPlanner.Replicas(
        revision.getReplicasWanted(),
        RevisionRecords.replicas(revision, Replica.State.READY),
        copying,
        failed,
        places(revision, hosts),
        alive,
        copying.keySet().stream().filter(this::isGivenUp).collect(Collectors.toSet()),
        failed.keySet().stream().filter(host -> isDue(revision, host)).collect(Collectors.toSet()));
  }

  private boolean isGivenUp(String host) {
    return term.hosts().awayFor(host).compareTo(settings.hostPatience()) > 0;
  }

  private boolean isDue(RevisionRecord revision, String host) {
    Copy copy = new Copy(revision.getMeta().getUid(), host);
    Instant last = failedAt.getOrDefault(copy, Instant.EPOCH);
    return Duration.between(last, term.now()).compareTo(settings.replicaRetry()) > 0;
  }

  /** Hosts with a pool of the driver that made the snapshot, and room for its data. */
  private Map<String, String> places(RevisionRecord revision, List<HostView> hosts) {
    Optional<Pool> origin =
        RevisionRecords.replicas(revision, Replica.State.READY).entrySet().stream()
            .flatMap(ready -> term.pool(ready.getKey(), ready.getValue()).stream())
            .findFirst();
    if (origin.isEmpty()) {
      return new LinkedHashMap<>();
    }
    BuildRequest request =
        new BuildRequest(
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.of(origin.get().getDriver()),
            revision.getDataBytes());
    return placement.placesForReplica(request, hosts);
  }
}
