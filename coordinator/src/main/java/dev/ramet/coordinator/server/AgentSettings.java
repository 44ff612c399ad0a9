package dev.ramet.coordinator.server;

import dev.ramet.coordinator.fleet.Deadlines;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/** How long calls to agents may take; see application.yml. */
@ConfigurationProperties("ramet.agents")
record AgentSettings(
    Duration look, Duration storage, Duration start, Duration stop, Duration probe) {
  Deadlines deadlines() {
    return new Deadlines(look, storage, start, stop, probe);
  }
}
