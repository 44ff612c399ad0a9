package dev.ramet.coordinator.records;

import java.time.Duration;
import java.util.Optional;

/**
 * What clones' lives go by where nobody says otherwise, and the most that anybody may ask for. Zero
 * means: no such default, no such limit.
 *
 * @param defaultTtl from creation
 * @param maxTtl the longest that may be asked for; also the default where there is no other
 * @param defaultIdleTtl since the last use
 * @param maxProtect the longest protection
 * @param inUseWithin a connection whose last statement is younger than this is in use
 */
public record LifetimePolicy(
    Duration defaultTtl,
    Duration maxTtl,
    Duration defaultIdleTtl,
    Duration maxProtect,
    Duration inUseWithin) {
  public static final LifetimePolicy DEFAULT =
      new LifetimePolicy(
          Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofDays(30), Duration.ofMinutes(5));

  /** What a clone gets whose creator asks for nothing; empty: it lives until it is deleted. */
  public Optional<Duration> ttl() {
    return Optional.of(defaultTtl.isZero() ? maxTtl : defaultTtl).filter(ttl -> !ttl.isZero());
  }

  public Optional<Duration> idleTtl() {
    return Optional.of(defaultIdleTtl).filter(ttl -> !ttl.isZero());
  }

  /** Whether a life of this length, counted from now, may be asked for. */
  public boolean allowsTtl(Duration ttl) {
    return maxTtl.isZero() || ttl.compareTo(maxTtl) <= 0;
  }

  public boolean allowsProtection(Duration length) {
    return maxProtect.isZero() || length.compareTo(maxProtect) <= 0;
  }
}
