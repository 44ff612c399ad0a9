package dev.ramet.coordinator.server;

import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import jakarta.inject.Singleton;
import java.util.Map;
import org.reactivestreams.Publisher;

/** In /health: whether etcd answers, and who leads. */
@Singleton
@Readiness
final class EtcdHealth implements HealthIndicator {
  private final Startup startup;

  EtcdHealth(Startup startup) {
    this.startup = startup;
  }

  @Override
  public Publisher<HealthResult> getResult() {
    return Publishers.just(
        HealthResult.builder("etcd", startup.isFresh() ? HealthStatus.UP : HealthStatus.DOWN)
            .details(Map.of("role", startup.role(), "leader", startup.leader().orElse("")))
            .build());
  }
}
