package dev.ramet.coordinator.reconcile;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Bounds how much is done on one host at the same time. */
final class HostSlots {
  private final Map<String, Semaphore> slots = new ConcurrentHashMap<>();
  private final int perHost;

  HostSlots(int perHost) {
    this.perHost = perHost;
  }

  /** Waits for a slot, then runs. An interrupt ends the waiting. */
  <R> R within(String host, Supplier<R> work) throws InterruptedException {
    Semaphore semaphore = slots.computeIfAbsent(host, _ -> new Semaphore(perHost, true));
    semaphore.acquire();
    try {
      return work.get();
    } finally {
      semaphore.release();
    }
  }
}
