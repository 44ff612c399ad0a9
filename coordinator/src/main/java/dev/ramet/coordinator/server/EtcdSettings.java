package dev.ramet.coordinator.server;

import dev.ramet.coordinator.store.StoreSettings;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** How to reach etcd; see application.yml. */
@ConfigurationProperties("ramet.etcd")
record EtcdSettings(
    List<String> endpoints,
    Duration attemptTimeout,
    Duration callTimeout,
    Duration verifyInterval,
    Duration relistInterval,
    Duration leaderTtl) {
  StoreSettings store(Duration hostTtl) {
    return new StoreSettings(
        endpoints.stream().map(String::strip).map(URI::create).toList(),
        attemptTimeout,
        callTimeout,
        verifyInterval,
        relistInterval,
        hostTtl);
  }
}
