package dev.ramet.coordinator.reconcile;

import dev.ramet.coordinator.placement.HostView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * How warm pools, all of them together, go about the memory of hosts: they take what is free and
 * give back where it is short, one after the other, for what a host reports is a little behind.
 */
final class PoolMemory {
  /** Warm clones are made only where this part of the memory is free. */
  private static final double ROOMY = 0.2;

  /** Warm clones go where less of the memory is free. */
  private static final double SHORT = 0.1;

  /** What a server that nobody uses takes, until its host's report has it. */
  private static final long EACH = 128L << 20;

  /** A host that was relieved is left alone for so many pauses. */
  private static final int REST = 24;

  private final Duration pause;
  private final Map<String, Instant> relieved = new HashMap<>();
  private final Map<String, Deque<Instant>> made = new HashMap<>();

  /**
   * Makes one.
   *
   * @param pause in which a host's memory is reported anew
   */
  PoolMemory(Duration pause) {
    this.pause = pause;
  }

  boolean isShort(HostView host) {
    return !host.hasFreeMemory(SHORT, 0);
  }

  /** One may go from this host, which is short; not another one before the next report. */
  synchronized boolean mayRelieve(HostView host, Instant now) {
    Instant last = relieved.get(host.name());
    if (last != null && last.plus(pause).isAfter(now)) {
      return false;
    }
    relieved.put(host.name(), now);
    return true;
  }

  /** The host has memory for one more, and was not short lately. */
  synchronized boolean hasRoom(HostView host, Instant now) {
    Instant last = relieved.get(host.name());
    if (last != null && last.plus(pause.multipliedBy(REST)).isAfter(now)) {
      return false;
    }
    Deque<Instant> unreported = made.getOrDefault(host.name(), new ArrayDeque<>());
    while (!unreported.isEmpty() && unreported.getFirst().plus(pause).isBefore(now)) {
      unreported.removeFirst();
    }
    return host.hasFreeMemory(ROOMY, EACH * (unreported.size() + 1));
  }

  synchronized void taken(String host, Instant now) {
    made.computeIfAbsent(host, _ -> new ArrayDeque<>()).addLast(now);
  }
}
