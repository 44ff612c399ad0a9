package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.AgentException;
import dev.ramet.coordinator.fleet.InstanceActivity;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.coordinator.records.SaveRecords;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneStatus;
import dev.ramet.proto.v1.Warning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The passing of a clone's time: it is noticed whether it is used, its end is announced, and when
 * its time is over it is deleted. By the leader's clock, and right after a change of leader too,
 * for a term begins with a look at everything.
 */
final class CloneAging {
  private static final Logger log = LoggerFactory.getLogger(CloneAging.class);
  private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);
  private static final Duration SHORTEST_LOOK = Duration.ofMillis(500);

  /** An idle clone is looked at so often within its idle time. */
  private static final int LOOKS = 8;

  private final Term term;
  private final ReconcileSettings settings;

  CloneAging(Term term, ReconcileSettings settings) {
    this.term = term;
    this.settings = settings;
  }

  /** Deletes it where its time is over. True: it is DELETING now. */
  boolean expires(CloneCursor cursor) {
    Instant now = term.now();
    return expire(cursor, clone -> Lifetimes.isExpired(clone, now));
  }

  /** Asked again of what others wrote meanwhile: whoever extended it in time keeps it. */
  private boolean expire(CloneCursor cursor, Predicate<CloneRecord> over) {
    CloneState state = cursor.state();
    if (state == CloneState.DELETING || state == CloneState.GONE) {
      return false;
    }
    boolean applied = cursor.expire(clone -> over.test(clone) && branchesOf(clone).isEmpty());
    if (applied) {
      log.atInfo().addKeyValue("clone", cursor.key().name()).log("its time is over: deleted");
    }
    return applied;
  }

  private List<String> branchesOf(CloneRecord clone) {
    return SaveRecords.branchesOf(term.view(), clone);
  }

  /** Notices use and announces the end; says when to look again. */
  Next look(CloneCursor cursor, Optional<Agent> agent) {
    if (cursor.state() == CloneState.DELETING || cursor.state() == CloneState.GONE) {
      return Next.whenever();
    }
    Instant now = term.now();
    boolean over = Lifetimes.isExpired(cursor.record(), now);
    if (cursor.state() == CloneState.READY && Lifetimes.idleTtl(cursor.record()).isPresent()) {
      boolean unused = agent.map(host -> isUnused(cursor, host)).orElse(false);
      if (unused && expire(cursor, clone -> Lifetimes.isIdleTooLong(clone, now))) {
        return Next.atOnce();
      }
      over |= unused && Lifetimes.isIdleTooLong(cursor.record(), now);
    }
    warn(cursor, over ? branchesOf(cursor.record()) : List.of());
    Optional<Duration> first =
        Lifetimes.next(cursor.record(), term.now(), settings.warnBefore())
            .map(at -> Duration.between(term.now(), at).plusMillis(1));
    Optional<Duration> idle =
        cursor.state() == CloneState.READY
            ? Lifetimes.idleTtl(cursor.record()).map(CloneAging::lookEvery)
            : Optional.empty();
    return Stream.concat(first.stream(), idle.stream())
        .min(Duration::compareTo)
        .map(left -> left.compareTo(settings.resync()) < 0 ? left : settings.resync())
        .map(Next::after)
        .orElse(Next.whenever());
  }

  private static Duration lookEvery(Duration idleTtl) {
    Duration part = idleTtl.dividedBy(LOOKS);
    if (part.compareTo(SHORTEST_LOOK) < 0) {
      return SHORTEST_LOOK;
    }
    return part.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : part;
  }

  /** Its server was asked just now, and says that nobody used it since it was used last. */
  private boolean isUnused(CloneCursor cursor, Agent agent) {
    CloneStatus status = cursor.record().getStatus();
    Duration every =
        lookEvery(Lifetimes.idleTtl(cursor.record()).orElse(LONGEST_LOOK)).dividedBy(2);
    Instant now = term.now();
    if (status.hasLastUsedTime() && Lifetimes.lastUsed(cursor.record()).plus(every).isAfter(now)) {
      return false; // known to be used just now
    }
    try {
      InstanceActivity activity = agent.activity(cursor.record().getAssignment().getVolume());
      boolean first = !status.hasLastUsedTime();
      boolean used =
          activity.running() > 0
              || activity.use() != status.getUse()
              || hasNewerQuery(activity, Lifetimes.lastUsed(cursor.record()));
      if (first || used) {
        cursor.amend(clone -> used(clone, now, activity.use()));
      }
      return !first && !used;
    } catch (AgentException unknown) {
      term.requireAccepted(unknown);
      log.atDebug()
          .addKeyValue("clone", cursor.key().name())
          .log("whether it is used is not known: {}", unknown.fault().message());
      return false;
    }
  }

  /** What a connection did enters the server's count only when it ends. */
  private static boolean hasNewerQuery(InstanceActivity activity, Instant known) {
    return activity.connections().stream()
        .flatMap(connection -> connection.lastQuery().stream())
        .anyMatch(known::isBefore);
  }

  private static CloneRecord used(CloneRecord clone, Instant now, long use) {
    CloneRecord.Builder next = clone.toBuilder();
    next.getStatusBuilder().setLastUsedTime(Times.message(now)).setUse(use);
    return next.build();
  }

  /**
   * Tells what should be told.
   *
   * @param waitsFor whose end keeps its own time from being over
   */
  private void warn(CloneCursor cursor, List<String> waitsFor) {
    Instant now = term.now();
    List<Warning> warnings =
        Lifetimes.warnings(cursor.record(), now, settings.warnBefore(), waitsFor);
    if (warnings.equals(cursor.record().getStatus().getWarningsList())) {
      return;
    }
    cursor.amend(clone -> {
      CloneRecord.Builder next = clone.toBuilder();
      next.getStatusBuilder().clearWarnings().addAllWarnings(warnings);
      return next.build();
    });
  }
}
