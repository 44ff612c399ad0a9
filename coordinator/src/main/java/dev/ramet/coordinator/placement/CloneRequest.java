package dev.ramet.coordinator.placement;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A clone that wants a place.
 *
 * @param replicas host to pool: where a READY replica of the revision lies
 * @param host the host asked for; empty: any
 * @param runtime the runtime asked for; empty: what the host prefers
 * @param needsContainer only a container can honour what was asked (limits of memory or CPU)
 * @param cpuLimitMillis thousandths of a CPU; 0: no limit
 * @param needsGrowth its growth is to be watched
 * @param port the port asked for; empty: any free one
 * @param portSeed where the search for a free port begins, so that ports are not used again at once
 */
public record CloneRequest(
    String image,
    Map<String, String> replicas,
    String engine,
    String engineVersion,
    Optional<String> host,
    Optional<String> runtime,
    boolean needsContainer,
    int cpuLimitMillis,
    boolean needsGrowth,
    OptionalInt port,
    int portSeed) {
  /** The runtime that can limit what a server takes. */
  public static final String CONTAINERS = "docker";
}
