package dev.ramet.coordinator.api;

import dev.ramet.coordinator.arrays.Arrays;
import dev.ramet.coordinator.arrays.SanAgent;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault;
import dev.ramet.coordinator.fault.FaultException;
import dev.ramet.coordinator.fleet.Agent;
import dev.ramet.coordinator.fleet.Fleet;
import dev.ramet.coordinator.records.HostViews;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.View;
import java.time.Duration;
import java.util.Optional;

/** The agents of hosts that were heard of lately, for calls that change nothing. */
final class Agents {
  private final Fleet fleet;
  private final Arrays arrays;

  /**
   * @param arrays for looking at
   */
  Agents(Fleet fleet, Arrays arrays) {
    this.fleet = fleet;
    this.arrays = arrays;
  }

  /** Refused with HOST_LOST where the host is away, or not recorded. */
  Agent of(View view, String host) {
    return withArrays(view, host, fleet.reader(address(view, host)));
  }

  Optional<Agent> find(View view, String host) {
    return findAddress(view, host).map(address -> withArrays(view, host, fleet.reader(address)));
  }

  /**
   * As {@link #find(View, String)}.
   *
   * @param look how long a look may take
   */
  Optional<Agent> find(View view, String host, Duration look) {
    return findAddress(view, host)
        .map(address -> withArrays(view, host, fleet.reader(address, look)));
  }

  private Agent withArrays(View view, String host, Agent agent) {
    return new SanAgent(agent, host, arrays, () -> view);
  }

  /** Where the agent is reached; refused as {@link #of}. */
  static String address(View view, String host) {
    return findAddress(view, host).orElseThrow(() -> new FaultException(lost(host)));
  }

  /** What is told of a host that cannot be asked. */
  static Fault lost(String host) {
    return ErrorCode.HOST_LOST.fault(
        "host %s has not been heard of lately: see to its agent".formatted(host));
  }

  private static Optional<String> findAddress(View view, String host) {
    return HostViews.alive(view, host)
        .flatMap(_ -> view.get(Keys.host(host)))
        .map(record -> record.value().getAgentAddress());
  }
}
