package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.fleet.InstanceSeen;
import dev.ramet.coordinator.fleet.Observation;
import dev.ramet.coordinator.fleet.VolumeSeen;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.reconcile.CloneProgress.Part;
import dev.ramet.coordinator.records.CloneDrafts;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.store.v1.CloneAssignment;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.v1.Pool;
import dev.ramet.proto.v1.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observes once, where anything can be there, then plans and does step after step until there is
 * nothing left to do.
 */
final class CloneAttempt {
  private static final Logger log = LoggerFactory.getLogger(CloneAttempt.class);

  /** An agent's code, also for what is on a file system that became read-only. */
  private static final String CANNOT_WRITE = "IO";

  /** Steps that come before the attempt. */
  private static final Set<String> DECISIONS = Set.of(CloneDrafts.PLACE, CloneDrafts.CLAIM);

  private static final int LAST_LINES = 20;

  private static final Duration SAVES_GO = Duration.ofMillis(500);

  private final Term term;
  private final Telemetry telemetry;
  private final CloneCursor cursor;
  private final Agent agent;
  private final CloneAssignment place;
  private final String id;
  private final StepLog steps;
  private final Cancellation cancellation;
  private CloneProgress progress;
  private Observation seen = Observation.NOTHING;

  CloneAttempt(
      Term term, Telemetry telemetry, CloneCursor cursor, Agent agent, Cancellation cancellation) {
    this.term = term;
    this.cancellation = cancellation;
    this.telemetry = telemetry;
    this.cursor = cursor;
    this.agent = agent;
    this.place = cursor.record().getAssignment();
    this.id = place.getVolume();
    this.steps = new StepLog(recorded(cursor.record()), telemetry);
    this.progress =
        CloneProgress.begin(
            cursor.state() == CloneState.BROKEN || term.retries().hasFailed(cursor.key()));
  }

  Next run(CloneGoal goal) {
    pickedUp();
    boolean untouched = cursor.isUntouched();
    // A removal does not depend on what is seen: it removes everything there could be.
    if (goal != CloneGoal.REMOVE && goal != CloneGoal.RESET && !untouched) {
      timed("observe", () -> seen = agent.observe(place.getPool(), id, id, ""));
    }
    while (true) {
      term.requireLeading();
      if (goal != CloneGoal.REMOVE && cancellation.isCancelled()) {
        return Next.atOnce();
      }
      CloneStep step = ClonePlanner.next(goal, cursor.state(), seen, progress);
      Optional<Next> end = carryOut(step);
      if (end.isPresent()) {
        return end.get();
      }
    }
  }

  /** Does one step; empty: go on with the next one. */
  private Optional<Next> carryOut(CloneStep step) {
    return switch (step) {
      case CloneStep.CloneVolume _ -> {
        timed("clone-volume", this::cloneVolume);
        yield Optional.empty();
      }
      case CloneStep.AttachVolume _ -> {
        timed("attach", () -> agent.attachVolume(place.getPool(), id));
        progress = progress.with(Part.ATTACHED);
        seen = seen.withVolume(new VolumeSeen(place.getPool(), id, true));
        yield Optional.empty();
      }
      case CloneStep.StartInstance _ -> {
        start();
        yield Optional.empty();
      }
      case CloneStep.DeleteInstance _ -> {
        deleteInstance();
        progress = progress.with(Part.STOPPED);
        seen = seen.withoutInstance();
        yield Optional.empty();
      }
      case CloneStep.FreezeInstance _ -> {
        agent.freezeInstance(id);
        seen = seen.with(InstanceSeen.Condition.FROZEN);
        yield Optional.empty();
      }
      case CloneStep.ThawInstance _ -> {
        agent.thawInstance(id);
        seen = seen.with(InstanceSeen.Condition.RUNNING);
        yield Optional.empty();
      }
      case CloneStep.DetachVolume _ -> {
        agent.detachVolume(place.getPool(), id);
        progress = progress.with(Part.DETACHED);
        seen = seen.withVolume(new VolumeSeen(place.getPool(), id, false));
        yield Optional.empty();
      }
      case CloneStep.DeleteVolume _ -> {
        agent.deleteVolume(place.getPool(), id);
        progress = progress.with(Part.DELETED);
        yield Optional.empty();
      }
      case CloneStep.ReportDown _ -> reportDown();
      case CloneStep.ReportStopped _ -> Optional.of(reportStopped());
      case CloneStep.SwitchData _ -> {
        new CloneReset(term, cursor, agent, cancellation).run();
        term.retries().succeeded(cursor.key());
        yield Optional.of(Next.atOnce());
      }
      case CloneStep.ReportUp _ -> Optional.of(reportUp());
      case CloneStep.ReportTornDown _ -> Optional.of(reportTornDown());
      case CloneStep.ReportDataLost _ -> Optional.of(reportDataLost());
      case CloneStep.Settled _ -> {
        term.retries().succeeded(cursor.key());
        yield Optional.of(Next.whenever());
      }
    };
  }

  private void cloneVolume() {
    long limit = cursor.record().getSpec().getSizeLimitBytes();
    new VolumeClone(place.getPool(), id, place.getSnapshot(), limit).make(agent, term.view());
    seen = seen.withVolume(new VolumeSeen(place.getPool(), id, false));
  }

  private void start() {
    Instant begin = term.now();
    InstanceSeen instance =
        agent.startInstance(
            Orders.start(cursor.record(), id, place.getPort(), cursor.state().wasReady()),
            cancellation);
    steps.addStart(begin, Duration.between(begin, term.now()), instance.steps());
    progress = progress.with(Part.STARTED);
    seen = seen.withInstance(instance);
  }

  /**
   * What is left of a dead one cannot be removed from a file system that became read-only. A mount
   * made anew can be written to, and a start removes what is left there.
   */
  private void deleteInstance() {
    try {
      agent.deleteInstance(id);
    } catch (AgentException error) {
      boolean remounts = progress.again() && cursor.state().wasReady();
      if (!remounts || !error.fault().code().equals(CANNOT_WRITE)) {
        throw error;
      }
      log.atWarn()
          .addKeyValue("clone", cursor.key().name())
          .log("{}; its volume is attached anew", error.fault().message());
    }
  }

  /** One that keeps dying is given a rest before it is started again. */
  private Optional<Next> reportDown() {
    String why =
        seen.instance()
            .map(InstanceSeen::problem)
            .filter(problem -> !problem.isEmpty())
            .orElse("it does not run");
    Fault fault =
        ErrorCode.INSTANCE_NOT_RUNNING
            .fault(
                "the instance of clone %s is down (%s); it is being started again"
                    .formatted(cursor.key().name(), why))
            .withLogTail(lastLines());
    log.atWarn().addKeyValue("clone", cursor.key().name()).log(fault.message());
    cursor.apply(CloneEvent.WENT_DOWN, Optional.of(fault), UnaryOperator.identity());
    Duration rest = term.deaths().died(cursor.key(), term.now());
    return rest.isZero() ? Optional.empty() : Optional.of(Next.after(rest));
  }

  /** Of its server, where its log is to be had. */
  private List<String> lastLines() {
    try {
      return agent.lastLines(id, LAST_LINES);
    } catch (AgentException noLog) {
      log.atDebug()
          .addKeyValue("clone", cursor.key().name())
          .log("its last words are not known: {}", noLog.fault().message());
      return List.of();
    }
  }

  private Next reportUp() {
    boolean first =
        cursor.state() == CloneState.PENDING || cursor.state() == CloneState.PROVISIONING;
    Duration total =
        Duration.between(Times.instant(cursor.record().getMeta().getCreateTime()), term.now());
    boolean applied =
        cursor.apply(
            CloneEvent.CAME_UP,
            Optional.empty(),
            clone -> first ? withTimings(clone, total) : clone);
    term.retries().succeeded(cursor.key());
    if (applied && first) {
      if (!CloneRecords.isWarm(cursor.record())) {
        telemetry.cloneReady(total); // nobody waits for a warm one
      }
      log.atInfo()
          .addKeyValue("clone", cursor.key().name())
          .addKeyValue("host", place.getHost())
          .addKeyValue("millis", total.toMillis())
          .log("clone is ready");
    }
    // Not applied: somebody changed what is wanted meanwhile.
    return applied ? Next.whenever() : Next.atOnce();
  }

  private CloneRecord withTimings(CloneRecord clone, Duration total) {
    CloneStatus.Builder status = clone.getStatus().toBuilder();
    status.clearSteps().addAllSteps(steps.steps()).setTotalNanos(total.toNanos());
    return clone.toBuilder().setStatus(status).build();
  }

  private Next reportStopped() {
    cursor.stopped();
    term.retries().succeeded(cursor.key());
    return cursor.state() == CloneState.STOPPED ? Next.whenever() : Next.atOnce();
  }

  private Next reportTornDown() {
    CloneState before = cursor.state();
    if (before == CloneState.DELETING && !SaveRecords.of(term.view(), cursor.record()).isEmpty()) {
      return Next.after(SAVES_GO); // "gone" is when their storage is released too
    }
    cursor.apply(CloneEvent.TORN_DOWN);
    term.retries().succeeded(cursor.key());
    if (before == CloneState.DELETING) {
      log.atInfo()
          .addKeyValue("clone", cursor.key().name())
          .addKeyValue("host", place.getHost())
          .log("clone is gone");
    }
    return Next.whenever();
  }

  private Next reportDataLost() {
    // A pool that is not there hides its volumes: that is not a loss.
    if (!term.pool(place.getHost(), place.getPool()).map(Pool::getHealthy).orElse(false)) {
      return Next.after(Duration.ofSeconds(2));
    }
    Fault fault =
        ErrorCode.DATA_LOST.fault(
            "the volume of clone %s is not in pool %s of host %s any more: bring its disk back, or delete the clone and create it again; a server that still runs is left alone, and what it answers can be dumped from its URL until then"
                .formatted(cursor.key().name(), place.getPool(), place.getHost()));
    cursor.apply(CloneEvent.WENT_DOWN, Optional.of(fault), UnaryOperator.identity());
    if (cursor.apply(CloneEvent.RECOVERY_FAILED, Optional.of(fault), UnaryOperator.identity())) {
      telemetry.failed("clone", fault.code());
    }
    cursor.note(fault);
    return Next.whenever();
  }

  private void pickedUp() {
    if (cursor.state() != CloneState.PENDING || cursor.record().getStatus().getStepsCount() == 0) {
      return;
    }
    Step placed = cursor.record().getStatus().getSteps(0);
    Instant decided =
        Times.instant(placed.getStartTime())
            .plusSeconds(placed.getElapsed().getSeconds())
            .plusNanos(placed.getElapsed().getNanos());
    steps.add("record", decided, Duration.between(decided, term.now()));
  }

  private void timed(String name, Runnable step) {
    Instant begin = term.now();
    step.run();
    steps.add(name, begin, Duration.between(begin, term.now()));
  }

  private static List<Step> recorded(CloneRecord clone) {
    return clone.getStatus().getStepsList().stream()
        .filter(step -> DECISIONS.contains(step.getName()))
        .toList();
  }
}
