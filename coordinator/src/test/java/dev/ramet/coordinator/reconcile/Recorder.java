package dev.ramet.coordinator.reconcile;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What metrics would show. */
final class Recorder implements Telemetry {
  /** By host. */
  final Map<String, Integer> leftovers = new ConcurrentHashMap<>();

  /** By host. */
  final Map<String, Integer> orphans = new ConcurrentHashMap<>();

  /** How often something was looked at, by kind. */
  final Map<String, Integer> looks = new ConcurrentHashMap<>();

  @Override
  public void reconciled(String kind, String outcome, Duration elapsed) {
    looks.merge(kind, 1, Integer::sum);
  }

  @Override
  public void cloneStep(String step, Duration elapsed) {}

  @Override
  public void cloneReady(Duration total) {}

  @Override
  public void failed(String kind, String code) {}

  @Override
  public void orphans(String host, int count) {
    orphans.put(host, count);
  }

  @Override
  public void leftovers(String host, int count) {
    leftovers.put(host, count);
  }

  @Override
  public void orphanRemoved(String host) {}
}
