package dev.ramet.coordinator.api;

import dev.ramet.coordinator.records.LifetimePolicy;
import dev.ramet.coordinator.records.Times;
import dev.ramet.proto.store.v1.CloneWish;
import dev.ramet.proto.v1.Lifetime;
import java.time.Duration;
import java.time.Instant;

/** The lifetime that a clone is created with. */
final class CloneLifetimes {
  private CloneLifetimes() {}

  /** Refuses what is longer than allowed. */
  static void check(Lifetime asked, LifetimePolicy policy) {
    Duration ttl = Times.duration(asked.getTtl());
    Duration protect = Times.duration(asked.getProtect());
    new RequestCheck()
        .require(!asked.hasTtl() || ttl.isPositive(), "lifetime.ttl", "is not positive")
        .require(
            policy.allowsTtl(ttl),
            "lifetime.ttl",
            "%s is more than the %s that this server allows"
                .formatted(Durations.text(ttl), Durations.text(policy.maxTtl())))
        .require(
            !asked.hasIdleTtl() || Times.duration(asked.getIdleTtl()).isPositive(),
            "lifetime.idle_ttl",
            "is not positive")
        .require(!asked.hasProtect() || protect.isPositive(), "lifetime.protect", "is not positive")
        .require(
            policy.allowsProtection(protect),
            "lifetime.protect",
            "%s is more than the %s that this server allows"
                .formatted(Durations.text(protect), Durations.text(policy.maxProtect())))
        .done();
  }

  /** What was asked for, or else the server's defaults. */
  static CloneWish wish(Lifetime asked, LifetimePolicy policy, Instant now) {
    CloneWish.Builder wish = CloneWish.newBuilder();
    if (asked.hasTtl()) {
      wish.setExpireTime(Times.message(now.plus(Times.duration(asked.getTtl()))));
    } else {
      policy.ttl().ifPresent(ttl -> wish.setExpireTime(Times.message(now.plus(ttl))));
    }
    if (asked.hasIdleTtl()) {
      wish.setIdleTtl(asked.getIdleTtl());
    } else {
      policy.idleTtl().map(Times::message).ifPresent(wish::setIdleTtl);
    }
    if (asked.hasProtect()) {
      wish.setProtectedUntil(Times.message(now.plus(Times.duration(asked.getProtect()))));
    }
    return wish.build();
  }
}
