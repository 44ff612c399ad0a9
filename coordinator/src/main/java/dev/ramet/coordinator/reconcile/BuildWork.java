package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.LoadOrder;
import dev.ramet.coordinator.fleet.LoadResult;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.fleet.Progress;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.lifecycle.RevisionEvent;
import dev.ramet.coordinator.lifecycle.RevisionState;
import dev.ramet.coordinator.records.RevisionRecords;
import dev.ramet.coordinator.secret.Secret;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SavedData;
import dev.ramet.proto.v1.Replica;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at building a revision on its host: goes on from wherever the host says it is. */
final class BuildWork {
  private static final Logger log = LoggerFactory.getLogger(BuildWork.class);

  /** A source, to agents: nothing is copied. */
  private static final String WHAT_THE_VOLUME_HOLDS = "volume:";

  private final Term term;
  private final RevisionCursor cursor;
  private final Agent agent;
  private final Cancellation cancellation;
  private final OperationLog operation;
  private final String pool;
  private final String volume;
  private final String snapshot;
  private Observation seen = Observation.NOTHING;

  BuildWork(Term term, RevisionCursor cursor, Agent agent, Cancellation cancellation) {
    this.term = term;
    this.cursor = cursor;
    this.agent = agent;
    this.cancellation = cancellation;
    RevisionRecord revision = cursor.record();
    this.operation = new OperationLog(term, revision.getOperation());
    this.pool = revision.getBuildPool();
    this.volume = RevisionRecords.buildVolumeId(revision);
    this.snapshot = RevisionRecords.snapshotId(revision);
  }

  Next run() {
    seen = agent.observe(pool, volume, "", snapshot);
    while (true) {
      term.requireLeading();
      if (cursor.state() != RevisionState.BUILDING || cancellation.isCancelled()) {
        return Next.atOnce();
      }
      BuildStep step = RevisionPlanner.nextOfBuild(RevisionRecords.isLoaded(cursor.record()), seen);
      Optional<Next> end = carryOut(step);
      if (end.isPresent()) {
        return end.get();
      }
      term.retries().progressed(cursor.key());
    }
  }

  private Optional<Next> carryOut(BuildStep step) {
    return switch (step) {
      case BuildStep.CreateVolume _ -> {
        noted("create-volume", this::createVolume);
        seen = seen.withVolume(new VolumeSeen(pool, volume, false));
        yield Optional.empty();
      }
      case BuildStep.AttachVolume _ -> {
        agent.attachVolume(pool, volume);
        seen = seen.withVolume(new VolumeSeen(pool, volume, true));
        yield Optional.empty();
      }
      case BuildStep.Load _ -> {
        if (isPromotion()) {
          noted("shutdown", this::settle);
        } else {
          load();
        }
        yield Optional.empty();
      }
      case BuildStep.DetachVolume _ -> {
        agent.detachVolume(pool, volume);
        seen = seen.withVolume(new VolumeSeen(pool, volume, false));
        yield Optional.empty();
      }
      case BuildStep.CreateSnapshot _ -> {
        noted("snapshot", () -> agent.createSnapshot(pool, snapshot, volume, false));
        seen = seen.withSnapshot();
        yield Optional.empty();
      }
      case BuildStep.DeleteVolume _ -> {
        agent.deleteVolume(pool, volume);
        seen = seen.withoutVolume();
        yield Optional.empty();
      }
      case BuildStep.ReportBuilt _ -> Optional.of(reportBuilt());
      case BuildStep.ReportLost _ -> {
        Fault fault =
            ErrorCode.BUILD_LOST.fault(
                "the volume of %s went away from pool %s while it was being built: build it again"
                    .formatted(cursor.name(), pool));
        cursor.apply(RevisionEvent.BUILD_FAILED, fault);
        yield Optional.of(Next.atOnce());
      }
    };
  }

  /** Made from a volume of an array's, that holds the data already. */
  private boolean isOnArray() {
    return cursor.record().getArrayVolumesCount() > 0;
  }

  /** Made from a save, not from a source. */
  private boolean isPromotion() {
    return !cursor.record().getFromSnapshot().isEmpty();
  }

  private void createVolume() {
    if (isPromotion()) {
      new VolumeClone(pool, volume, cursor.record().getFromSnapshot(), 0).make(agent, term.view());
    } else if (isOnArray()) {
      long bytes = agent.importVolume(pool, volume, cursor.record().getArrayVolumes(0));
      cursor.amend(record -> record.toBuilder().setVolumeBytes(bytes).build());
    } else {
      agent.createVolume(pool, volume, cursor.record().getVolumeBytes());
    }
  }

  /**
   * Starts the server once, reached by nobody, and shuts it down cleanly, so that clones need no
   * crash recovery.
   */
  private void settle() {
    RevisionRecord revision = cursor.record();
    SavedData data = revision.getFromData();
    agent.deleteInstance(volume); // of an attempt that was cut
    InstanceSeen _ = agent.startInstance(Orders.settle(revision, volume), cancellation);
    agent.deleteInstance(volume);
    cursor.amend(record ->
        record.toBuilder()
            .setDatabase(data.getDatabase())
            .clearDatabases()
            .addAllDatabases(data.getDatabasesList())
            .setDataBytes(data.getDataBytes())
            .build());
  }

  private void load() {
    RevisionRecord revision = cursor.record();
    LoadOrder order =
        new LoadOrder(
            pool,
            volume,
            revision.getEngine(),
            revision.getEngineVersion(),
            revision.getRuntime(),
            source(revision),
            revision.getRequestedDatabase());
    LoadWatch watch = new LoadWatch();
    LoadResult result;
    try {
      result = agent.loadSource(order, watch::follow, cancellation);
    } catch (AgentException error) {
      watch.endStep(false);
      throw error;
    }
    watch.endStep(true);
    cursor.amend(record ->
        record.toBuilder()
            .setEngineVersion(result.engineVersion())
            .setDatabase(result.database())
            .clearDatabases()
            .addAllDatabases(result.databases())
            .setDataBytes(result.dataBytes())
            .build());
  }

  private Secret source(RevisionRecord revision) {
    if (isOnArray()) {
      return new Secret(WHAT_THE_VOLUME_HOLDS);
    }
    return term.store()
        .get(Keys.secret(revision.getOperation()))
        .map(secret -> new Secret(secret.value().getSource()))
        .orElseThrow(() ->
            new FaultException(
                ErrorCode.BUILD_LOST.fault(
                    "the source of %s is not recorded any more: build it again"
                        .formatted(cursor.name()))));
  }

  private Next reportBuilt() {
    if (isOnArray()) {
      agent.deleteVolume(pool, volume); // and what it was cloned from, if that was cut short
    }
    Replica first =
        Replica.newBuilder()
            .setHost(cursor.record().getBuildHost())
            .setPool(pool)
            .setState(Replica.State.READY)
            .build();
    cursor.apply(
        RevisionEvent.BUILT,
        Optional.empty(),
        revision -> RevisionRecords.withReplica(revision, first));
    term.retries().succeeded(cursor.key());
    log.atInfo().addKeyValue("revision", cursor.name()).log("revision is ready");
    return Next.atOnce();
  }

  private void noted(String step, Runnable work) {
    operation.begin(step);
    try {
      work.run();
    } catch (AgentException error) {
      operation.end(step, false);
      throw error;
    }
    operation.end(step, true);
  }

  /** Notes the load's own steps as they follow one another, and that it gets further. */
  private final class LoadWatch {
    private String running = "";
    private Optional<Progress> last = Optional.empty();

    void follow(Progress progress) {
      String step = progress.step();
      if (!step.isEmpty() && !step.equals(running)) {
        endStep(true);
        running = step;
        operation.begin(step);
      }
      if (progress.bytesDone() > 0) {
        operation.progress(running, progress);
      }
      if (last.isPresent() && !last.get().equals(progress)) {
        term.retries().progressed(cursor.key());
      }
      last = Optional.of(progress);
    }

    void endStep(boolean well) {
      if (!running.isEmpty()) {
        operation.end(running, well);
      }
    }
  }
}
