package dev.ramet.coordinator.records;

import java.time.Duration;

/**
 * What clones' lives go by on this server where nobody says otherwise, and the most that anybody
 * may ask for. Zero means: no such default, no such limit. An image may be stricter, see {@link
 * LifetimeRules}.
 *
 * @param defaultTtl from creation
 * @param maxTtl the longest that may be asked for; also the default where there is no other
 * @param defaultIdleTtl since the last use
 * @param maxIdleTtl the longest time without use that may be asked for; also a default
 * @param maxProtect the longest protection
 * @param inUseWithin a connection whose last statement is younger than this is in use
 */
public record LifetimePolicy(
    Duration defaultTtl,
    Duration maxTtl,
    Duration defaultIdleTtl,
    Duration maxIdleTtl,
    Duration maxProtect,
    Duration inUseWithin) {
  public static final LifetimePolicy DEFAULT =
      new LifetimePolicy(
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofDays(30),
          Duration.ofMinutes(5));
}
