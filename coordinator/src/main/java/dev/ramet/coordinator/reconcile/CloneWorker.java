package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.Cancellation;
import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.Growths;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at one clone: decides what is wanted of its host, and what an error means for it. */
final class CloneWorker {
  private static final Logger log = LoggerFactory.getLogger(CloneWorker.class);
  private static final Duration TRANSIENT_CAP = Duration.ofSeconds(2);
  private static final Duration STUBBORN_CAP = Duration.ofSeconds(30);

  /** A clone that was READY is never given up. */
  private static final Duration RECOVERY_CAP = Duration.ofMinutes(1);

  private static final int MAX_PORTS = 5;

  /** Neighbours of a port that is taken are often taken too. */
  private static final int PORT_STRIDE = 7919;

  private final Term term;
  private final ReconcileSettings settings;
  private final Telemetry telemetry;
  private final HostSlots slots;
  private final CloneAging aging;
  private final ScheduledExecutorService timer;

  CloneWorker(
      Term term, ReconcileSettings settings, Telemetry telemetry, ScheduledExecutorService timer) {
    this.term = term;
    this.settings = settings;
    this.telemetry = telemetry;
    this.slots = new HostSlots(settings.clonesPerHost());
    this.aging = new CloneAging(term, settings);
    this.timer = timer;
  }

  /**
   * Looks at the clone as it is now.
   *
   * @param cancellation cancelled when something else is wanted of it while this runs
   */
  Next work(Key<?> key, Cancellation cancellation) throws InterruptedException {
    Key<CloneRecord> clone = Keys.clone(key.name());
    Optional<Versioned<CloneRecord>> found = term.view().get(clone);
    if (found.isEmpty()) {
      term.forget(key);
      return Next.whenever();
    }
    if (goal(found.get().value()) == CloneGoal.NOTHING) {
      CloneCursor ended = new CloneCursor(term, found.get());
      return aging.expires(ended) ? Next.atOnce() : aging.look(ended, Optional.empty());
    }
    String host = found.get().value().getAssignment().getHost();
    // What was read before waiting for a slot is old by then.
    return slots.within(
        host,
        () ->
            term.view()
                .get(clone)
                .map(record -> attempt(new CloneCursor(term, record), cancellation))
                .orElse(Next.whenever()));
  }

  private CloneGoal goal(CloneRecord clone) {
    if (CloneRecords.state(clone) == CloneState.OVER_CAP && Growths.mayGoOn(clone)) {
      return CloneGoal.KEEP_UP;
    }
    return CloneGoal.of(
        CloneRecords.state(clone),
        CloneRecords.isReached(clone),
        CloneRecords.heldPort(term.view(), clone).isPresent());
  }

  private Next attempt(CloneCursor cursor, Cancellation cancellation) {
    String host = cursor.record().getAssignment().getHost();
    boolean _ = aging.expires(cursor);
    CloneGoal goal = goal(cursor.record());
    if (term.isRemoved(host)) {
      return hostRemoved(cursor, host);
    }
    boolean alive = term.hosts().isAlive(term.view(), host);
    Optional<Agent> agent = term.agent(host);
    if (!alive || agent.isEmpty()) {
      return hostAway(cursor, goal, host);
    }
    Future<?> provisioning = announce(cursor);
    try {
      RetiredVolumes retired = new RetiredVolumes(term, cursor, agent.get());
      boolean clean = retired.removed();
      if (goal == CloneGoal.REMOVE) {
        retired.remove(CloneRecords.hostIds(cursor.record()).stream().skip(1).toList());
      }
      Next next = new CloneAttempt(term, telemetry, cursor, agent.get(), cancellation).run(goal);
      if (!(next instanceof Next.Whenever)) {
        return next;
      }
      Next aged = aging.look(cursor, agent);
      return clean ? aged : Next.after(TRANSIENT_CAP);
    } catch (AgentException error) {
      return cancellation.isCancelled() && error.verdict() == AgentException.Verdict.CANCELLED
          ? Next.atOnce()
          : failed(cursor, goal, error);
    } catch (KeptData.Impossible why) {
      return resetFailed(cursor, why.fault());
    } finally {
      provisioning.cancel(false);
    }
  }

  /** A create that takes long is shown as PROVISIONING; a fast one saves that write. */
  private Future<?> announce(CloneCursor cursor) {
    Runnable write =
        () -> {
          try {
            cursor.apply(CloneEvent.PICKED_UP);
          } catch (RuntimeException notNow) {
            log.debug("clone {} could not be shown as provisioning", cursor.key().name(), notNow);
          }
        };
    return timer.schedule(
        () -> Thread.startVirtualThread(write),
        settings.provisioningAfter().toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** It was declared lost: nothing is asked of it, and nothing of the clone is there any more. */
  private Next hostRemoved(CloneCursor cursor, String host) {
    fail(
        cursor,
        CloneEvent.HOST_REMOVED,
        ErrorCode.HOST_REMOVED.fault(
            "host %s was declared lost, and the data of clone %s with it: delete the clone and create it again"
                .formatted(host, cursor.key().name())));
    cursor.apply(CloneEvent.TORN_DOWN);
    return Next.whenever();
  }

  private Next hostAway(CloneCursor cursor, CloneGoal goal, String host) {
    if (goal == CloneGoal.REMOVE && !term.isRecorded(host)) {
      cursor.apply(CloneEvent.TORN_DOWN); // recorded while its host was being removed
      return Next.whenever();
    }
    boolean waits = goal == CloneGoal.MAKE || cursor.state() == CloneState.FAILING;
    if (!waits) {
      return Next.whenever();
    }
    Duration left = settings.hostPatience().minus(term.hosts().awayFor(host));
    if (left.isPositive()) {
      return Next.after(left.compareTo(TRANSIENT_CAP) < 0 ? left : TRANSIENT_CAP);
    }
    fail(
        cursor,
        CloneEvent.GIVEN_UP,
        ErrorCode.HOST_LOST.fault(
            "host %s has not been heard of for %d s: see to its agent, or create the clone on another host"
                .formatted(host, term.hosts().awayFor(host).toSeconds())));
    return Next.whenever();
  }

  private Next failed(CloneCursor cursor, CloneGoal goal, AgentException error) {
    term.requireAccepted(error);
    Retries.Trouble trouble = count(cursor.key(), error);
    Duration lasting = Duration.between(trouble.since(), term.now());
    log.atWarn()
        .addKeyValue("clone", cursor.key().name())
        .addKeyValue("host", cursor.record().getAssignment().getHost())
        .addKeyValue("code", error.fault().code())
        .addKeyValue("attempt", trouble.attempts())
        .log(error.fault().message());
    return switch (error.verdict()) {
      case DEPOSED -> throw error;
      case CANCELLED -> Next.after(TRANSIENT_CAP);
      case TRANSIENT -> {
        if (goal == CloneGoal.MAKE && lasting.compareTo(settings.createPatience()) > 0) {
          fail(cursor, CloneEvent.CREATE_FAILED, error.fault());
          term.retries().succeeded(cursor.key());
          yield Next.atOnce();
        }
        if (goal == CloneGoal.RESET && lasting.compareTo(settings.createPatience()) > 0) {
          yield resetFailed(cursor, error.fault());
        }
        giveUpTearingDown(cursor, lasting);
        yield Next.after(term.retries().backoff(trouble, TRANSIENT_CAP));
      }
      case DEFINITE -> refused(cursor, goal, error.fault(), trouble);
    };
  }

  /** Only what says something of the clone counts as a refusal, not that its host was away. */
  private Retries.Trouble count(Key<?> key, AgentException error) {
    boolean refused =
        error.verdict() == AgentException.Verdict.DEFINITE && !isPassing(error.fault());
    return refused
        ? term.retries().refused(key, term.now())
        : term.retries().failed(key, term.now());
  }

  private static boolean isPassing(Fault fault) {
    return fault.is(ErrorCode.RUNTIME_UNAVAILABLE) || fault.is(ErrorCode.POOL_UNHEALTHY);
  }

  private Next refused(CloneCursor cursor, CloneGoal goal, Fault fault, Retries.Trouble trouble) {
    return switch (goal) {
      case MAKE -> {
        if (fault.is(ErrorCode.PORT_TAKEN) && takesAnotherPort(cursor, trouble)) {
          yield Next.atOnce();
        }
        fail(cursor, CloneEvent.CREATE_FAILED, fault);
        term.retries().succeeded(cursor.key());
        yield Next.atOnce();
      }
      case KEEP_UP -> {
        cursor.apply(CloneEvent.WENT_DOWN, Optional.of(fault), UnaryOperator.identity());
        if (!isPassing(fault) && trouble.refusals() >= settings.recoveryAttempts()) {
          fail(cursor, CloneEvent.RECOVERY_FAILED, fault);
        }
        cursor.note(fault);
        yield Next.after(term.retries().backoff(trouble, settings.recoveryPause(), RECOVERY_CAP));
      }
      case RESET -> resetFailed(cursor, fault);
      case KEEP_FROZEN -> Next.after(term.retries().backoff(trouble, TRANSIENT_CAP));
      case TAKE_DOWN, KEEP_DOWN -> {
        cursor.note(fault);
        yield Next.after(term.retries().backoff(trouble, STUBBORN_CAP));
      }
      case REMOVE -> {
        cursor.note(fault);
        giveUpTearingDown(cursor, Duration.between(trouble.since(), term.now()));
        yield Next.after(term.retries().backoff(trouble, STUBBORN_CAP));
      }
      case NOTHING -> Next.whenever();
    };
  }

  /** What it had is brought up again, where it was stopped already. */
  private Next resetFailed(CloneCursor cursor, Fault fault) {
    fail(cursor, CloneEvent.RESET_FAILED, fault);
    term.retries().succeeded(cursor.key());
    return Next.atOnce();
  }

  /**
   * A port that we chose, and that something else took since the host's last report, can be
   * another.
   */
  private boolean takesAnotherPort(CloneCursor cursor, Retries.Trouble trouble) {
    CloneRecord clone = cursor.record();
    if (clone.getSpec().getPort() != 0 || trouble.refusals() > MAX_PORTS) {
      return false;
    }
    String host = clone.getAssignment().getHost();
    OptionalInt port =
        HostViews.freePort(term.view(), host, clone.getAssignment().getPort() * PORT_STRIDE);
    return port.isPresent() && cursor.movePort(port.getAsInt());
  }

  /** A failed create whose remains cannot be removed is told to its user; the removing goes on. */
  private void giveUpTearingDown(CloneCursor cursor, Duration lasting) {
    if (cursor.state() == CloneState.FAILING && lasting.compareTo(settings.hostPatience()) > 0) {
      cursor.apply(CloneEvent.GIVEN_UP);
    }
  }

  private void fail(CloneCursor cursor, CloneEvent event, Fault fault) {
    if (cursor.apply(event, Optional.of(fault), UnaryOperator.identity())) {
      telemetry.failed("clone", fault.code());
      log.atWarn()
          .addKeyValue("clone", cursor.key().name())
          .addKeyValue("code", fault.code())
          .log("clone failed: {}", fault.message());
    }
  }
}
