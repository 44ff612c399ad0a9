package dev.ramet.coordinator.api;

import dev.ramet.coordinator.lifecycle.CloneEvent;
import dev.ramet.coordinator.lifecycle.CloneState;
import dev.ramet.coordinator.records.CloneRecords;
import dev.ramet.coordinator.records.GrowthPolicy;
import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.LifetimeRules;
import dev.ramet.coordinator.records.Lifetimes;
import dev.ramet.coordinator.records.Times;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.RestartCloneRequest;
import dev.ramet.proto.v1.StartCloneRequest;
import dev.ramet.proto.v1.StopCloneRequest;
import java.time.Duration;
import java.time.Instant;

/** Records what is wanted of a clone from now on: to be stopped, to run, to live longer. */
final class CloneWishes {
  private final Records records;
  private final CloneGuard guard;
  private final LifetimePolicy policy;
  private final CloneLookup clones;
  private final CloneGrowth growth;

  CloneWishes(Records records, CloneGuard guard, LifetimePolicy policy, GrowthPolicy growthPolicy) {
    this.records = records;
    this.guard = guard;
    this.policy = policy;
    this.clones = new CloneLookup(records);
    this.growth = new CloneGrowth(growthPolicy);
  }

  Clone stop(StopCloneRequest request) {
    new RequestCheck().name("name", request.getName()).done();
    guard.require(clones.find(request.getName()).value(), request.getForce(), "stopped");
    return wish(
        request.getName(),
        clone -> {
          guard.requireUnprotected(clone, request.getForce(), "stopped");
          if (CloneRecords.state(clone) == CloneState.STOPPED) {
            return withRestart(clone, false);
          }
          return withRestart(asked(clone, CloneEvent.STOP_ASKED, "stopped"), false);
        });
  }

  Clone start(StartCloneRequest request) {
    new RequestCheck().name("name", request.getName()).done();
    return wish(
        request.getName(),
        clone ->
            isUpOrComing(CloneRecords.state(clone))
                ? clone
                : used(withRestart(asked(clone, CloneEvent.START_ASKED, "started"), false)));
  }

  /** A clone that is stopped is started. */
  Clone restart(RestartCloneRequest request) {
    new RequestCheck().name("name", request.getName()).done();
    guard.require(clones.find(request.getName()).value(), request.getForce(), "restarted");
    return wish(
        request.getName(),
        clone -> {
          guard.requireUnprotected(clone, request.getForce(), "restarted");
          boolean stopped = CloneRecords.state(clone) == CloneState.STOPPED;
          if (stopped && CloneRecords.isReached(clone)) {
            return used(asked(clone, CloneEvent.START_ASKED, "started"));
          }
          CloneRecord next = stopped ? clone : asked(clone, CloneEvent.STOP_ASKED, "restarted");
          return used(withRestart(next, true));
        });
  }

  Clone extend(ExtendCloneRequest request) {
    check(request);
    return wish(
        request.getName(),
        clone -> growth.extended(records.view(), extended(clone, request), request, records.now()));
  }

  Clone protect(ProtectCloneRequest request) {
    Duration length = Times.duration(request.getDuration());
    new RequestCheck()
        .name("name", request.getName())
        .require(
            !request.hasDuration() || length.isPositive(), "duration", "is not longer than nothing")
        .done();
    Instant until = records.now().plus(length);
    return wish(
        request.getName(),
        clone -> {
          new RequestCheck().within(rules(clone).protection(), "duration", length).done();
          CloneRecord.Builder next = clone.toBuilder();
          if (request.hasDuration()) {
            next.getWishBuilder().setProtectedUntil(Times.message(until));
          } else {
            next.getWishBuilder().clearProtectedUntil();
          }
          return next.build();
        });
  }

  private static boolean isUpOrComing(CloneState state) {
    return switch (state) {
      case PENDING, PROVISIONING, READY, RECOVERING, BROKEN, RESETTING -> true;
      case FAILING, FAILED, STOPPED, OVER_CAP, DELETING, GONE -> false;
    };
  }

  private LifetimeRules rules(CloneRecord clone) {
    return LifetimeRules.of(records.view(), policy, clone.getAssignment().getImage());
  }

  private void check(ExtendCloneRequest request) {
    RequestCheck check = new RequestCheck().name("name", request.getName());
    switch (request.getChangeCase()) {
      case TTL ->
          check.require(Times.duration(request.getTtl()).isPositive(), "ttl", "is not positive");
      case FOREVER -> check.require(request.getForever(), "forever", "is false");
      case ADD_TTL -> {}
      case CHANGE_NOT_SET ->
          check.require(
              request.hasIdleTtl()
                  || request.getGrowthCase() != ExtendCloneRequest.GrowthCase.GROWTH_NOT_SET,
              "change",
              "is missing: say how long it is to live, or how much it may grow");
    }
    growth.check(check, request);
    check
        .require(!Times.duration(request.getIdleTtl()).isNegative(), "idle_ttl", "is negative")
        .done();
  }

  private CloneRecord extended(CloneRecord clone, ExtendCloneRequest request) {
    Instant now = records.now();
    CloneRecord.Builder next = clone.toBuilder();
    CloneWish.Builder wish = next.getWishBuilder();
    switch (request.getChangeCase()) {
      case TTL -> setEnd(next, "ttl", now.plus(Times.duration(request.getTtl())), now);
      case ADD_TTL -> {
        Instant end = Lifetimes.ttlEnd(clone).orElseThrow(() -> livesForEver(clone));
        setEnd(next, "add_ttl", end.plus(Times.duration(request.getAddTtl())), now);
      }
      case FOREVER -> {
        requireUnlimited(rules(clone).ttl(), "forever");
        wish.clearExpireTime();
      }
      case CHANGE_NOT_SET -> {}
    }
    if (request.hasIdleTtl()) {
      setIdleTtl(wish, Times.duration(request.getIdleTtl()), rules(clone).idleTtl());
      next.getStatusBuilder().setLastUsedTime(Times.message(now));
    }
    return next.build();
  }

  private static void setIdleTtl(
      CloneWish.Builder wish, Duration length, LifetimeRules.Limit limit) {
    if (length.isZero()) {
      requireUnlimited(limit, "idle_ttl");
      wish.clearIdleTtl();
    } else {
      new RequestCheck().within(limit, "idle_ttl", length).done();
      wish.setIdleTtl(Times.message(length));
    }
  }

  private static void requireUnlimited(LifetimeRules.Limit limit, String field) {
    new RequestCheck()
        .require(
            limit.isNone(),
            field,
            "none is not possible: %s allows %s at most"
                .formatted(limit.by(), Durations.text(limit.most())))
        .done();
  }

  static RuntimeException livesForEver(CloneRecord clone) {
    return RequestCheck.refusal(
        "add_ttl",
        "clone %s has no end that could be moved: say how long it is to live from now"
            .formatted(clone.getMeta().getName()));
  }

  /** Refused where it is longer than allowed, or over already. */
  void setEnd(CloneRecord.Builder clone, String field, Instant end, Instant now) {
    Duration left = Duration.between(now, end);
    new RequestCheck()
        .require(left.isPositive(), field, "would be over at once")
        .within(rules(clone.build()).ttl(), field, left)
        .done();
    clone.getWishBuilder().setExpireTime(Times.message(end));
  }

  /** The clone after this event, as a new wish; refused where the event means nothing now. */
  private CloneRecord asked(CloneRecord clone, CloneEvent event, String doing) {
    return CloneRecords.transition(clone, event)
        .map(row -> CloneRecords.asked(clone, row, records.now()))
        .orElseThrow(() -> clones.notNow(clone, doing));
  }

  /** Whoever starts it is going to use it. */
  private CloneRecord used(CloneRecord clone) {
    CloneRecord.Builder next = clone.toBuilder();
    next.getStatusBuilder().setLastUsedTime(Times.message(records.now()));
    return next.build();
  }

  private static CloneRecord withRestart(CloneRecord clone, boolean restart) {
    CloneRecord.Builder next = clone.toBuilder();
    next.getWishBuilder().setRestart(restart);
    return next.build();
  }

  private interface Wish {
    CloneRecord from(CloneRecord clone);
  }

  private Clone wish(String name, Wish wish) {
    Versioned<CloneRecord> written =
        records
            .store()
            .modify(Keys.clone(name), clone -> kept(clone, wish))
            .orElseThrow(() -> CloneLookup.notFound(records.view(), name));
    records.catchUp(written.modRevision());
    return CloneMessages.clone(records.view(), written);
  }

  private static CloneRecord kept(CloneRecord clone, Wish wish) {
    Lookups.requireKept(
        clone.getMeta().hasDeleteTime(), "clone %s".formatted(clone.getMeta().getName()));
    return wish.from(clone);
  }
}
