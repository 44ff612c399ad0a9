package dev.ramet.coordinator.api;

import dev.ramet.coordinator.records.LifetimeRules;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.v1.Lifetime;
import java.time.Duration;
import java.time.Instant;

/** The lifetime that a clone is created with. */
final class CloneLifetimes {
  private CloneLifetimes() {}

  /** What can be said without knowing of which image the clone is. */
  static void check(RequestCheck check, Lifetime asked) {
    check
        .require(
            !asked.hasTtl() || Times.duration(asked.getTtl()).isPositive(),
            "lifetime.ttl",
            "is not positive")
        .require(
            !asked.hasIdleTtl() || Times.duration(asked.getIdleTtl()).isPositive(),
            "lifetime.idle_ttl",
            "is not positive")
        .require(
            !asked.hasProtect() || Times.duration(asked.getProtect()).isPositive(),
            "lifetime.protect",
            "is not positive");
  }

  /** What was asked for, or else the defaults; refused where it is longer than allowed. */
  static CloneWish wish(Lifetime asked, LifetimeRules rules, Instant now) {
    new RequestCheck()
        .within(rules.ttl(), "lifetime.ttl", Times.duration(asked.getTtl()))
        .within(rules.idleTtl(), "lifetime.idle_ttl", Times.duration(asked.getIdleTtl()))
        .within(rules.protection(), "lifetime.protect", Times.duration(asked.getProtect()))
        .done();
    CloneWish.Builder wish = CloneWish.newBuilder();
    Duration ttl = asked.hasTtl() ? Times.duration(asked.getTtl()) : rules.defaultTtl();
    if (!ttl.isZero()) {
      wish.setExpireTime(Times.message(now.plus(ttl)));
    }
    Duration idle =
        asked.hasIdleTtl() ? Times.duration(asked.getIdleTtl()) : rules.defaultIdleTtl();
    if (!idle.isZero()) {
      wish.setIdleTtl(Times.message(idle));
    }
    if (asked.hasProtect()) {
      wish.setProtectedUntil(Times.message(now.plus(Times.duration(asked.getProtect()))));
    }
    return wish.build();
  }
}
