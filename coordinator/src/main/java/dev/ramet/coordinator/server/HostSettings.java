package dev.ramet.coordinator.server;

import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/** How hosts keep alive; see application.yml. */
@ConfigurationProperties("ramet.hosts")
record HostSettings(Duration heartbeat, Duration ttl) {}
