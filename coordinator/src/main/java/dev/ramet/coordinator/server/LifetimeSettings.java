package dev.ramet.coordinator.server;

import dev.ramet.coordinator.records.LifetimePolicy;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/** How long clones live; see application.yml. */
@ConfigurationProperties("ramet.lifetime")
record LifetimeSettings(
    Duration defaultTtl,
    Duration maxTtl,
    Duration defaultIdleTtl,
    Duration maxIdleTtl,
    Duration maxProtect,
    Duration inUseWithin) {
  LifetimePolicy policy() {
    return new LifetimePolicy(
        defaultTtl, maxTtl, defaultIdleTtl, maxIdleTtl, maxProtect, inUseWithin);
  }
}
