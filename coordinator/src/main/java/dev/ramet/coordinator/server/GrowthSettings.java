package dev.ramet.coordinator.server;

import dev.ramet.coordinator.records.GrowthPolicy;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/** How much clones may grow; see application.yml. */
@ConfigurationProperties("ramet.growth")
record GrowthSettings(long defaultMib, long maxMib, Duration lookEvery) {
  GrowthPolicy policy() {
    return new GrowthPolicy(defaultMib << 20, maxMib << 20, lookEvery);
  }
}
