package dev.ramet.coordinator.server;

import dev.ramet.coordinator.reconcile.Telemetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The reconciler's telemetry as meters. */
final class Metrics implements Telemetry {
  private final MeterRegistry meters;
  private final Map<String, AtomicInteger> orphans = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> leftovers = new ConcurrentHashMap<>();

  Metrics(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public void reconciled(String kind, String outcome, Duration elapsed) {
    meters.timer("ramet.reconcile", "kind", kind, "outcome", outcome).record(elapsed);
  }

  @Override
  public void cloneStep(String step, Duration elapsed) {
    meters.timer("ramet.clone.step", "step", step).record(elapsed);
  }

  @Override
  public void cloneReady(Duration total) {
    meters.timer("ramet.clone.ready").record(total);
  }

  @Override
  public void failed(String kind, String code) {
    meters.counter("ramet.failures", "kind", kind, "code", code).increment();
  }

  @Override
  public void orphans(String host, int count) {
    gauge(orphans, "ramet.orphans", host).set(count);
  }

  @Override
  public void leftovers(String host, int count) {
    gauge(leftovers, "ramet.leftovers", host).set(count);
  }

  private AtomicInteger gauge(Map<String, AtomicInteger> byHost, String meter, String host) {
    return byHost.computeIfAbsent(
        host,
        name -> {
          AtomicInteger gauge = new AtomicInteger();
          meters.gauge(meter, Tags.of("host", name), gauge);
          return gauge;
        });
  }

  @Override
  public void orphanRemoved(String host) {
    meters.counter("ramet.orphans.removed", "host", host).increment();
  }
}
