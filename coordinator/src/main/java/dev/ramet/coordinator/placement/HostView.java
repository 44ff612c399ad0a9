package dev.ramet.coordinator.placement;

import dev.ramet.coordinator.names.SanPool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What placement sees of one host.
 *
 * @param runtimes those that answer now, the host's preferred one first
 * @param unavailableRuntimes those that do not, with the reason
 * @param cpus 0: not told
 * @param clones live clones by the records, reservations included
 * @param clonesByImage of those, how many of each image
 * @param portsTaken ports of the range that a record holds or that something listens on
 */
public record HostView(
    String name,
    boolean alive,
    boolean cordoned,
    List<PoolView> pools,
    List<String> runtimes,
    Map<String, String> unavailableRuntimes,
    List<EngineView> engines,
    int cpus,
    long memoryTotalBytes,
    long memoryAvailableBytes,
    int clones,
    Map<String, Integer> clonesByImage,
    PortRange ports,
    Set<Integer> portsTaken) {

  /**
   * A storage area of the host.
   *
   * @param problem empty where it is healthy
   * @param tellsGrowth whether its driver can tell how much a volume has grown
   * @param luns it holds nothing itself, but attaches volumes of arrays
   */
  public record PoolView(
      String name,
      String driver,
      boolean healthy,
      String problem,
      long freeBytes,
      long totalBytes,
      boolean tellsGrowth,
      boolean luns) {
    double freeFraction() {
      return totalBytes <= 0 ? 0 : Math.clamp((double) freeBytes / totalBytes, 0, 1);
    }
  }

  /** Versions of an engine that a runtime can start; an empty list means any. */
  public record EngineView(String engine, String runtime, List<String> versions) {
    boolean runs(String wantedEngine, String wantedVersion) {
      return engine.equals(wantedEngine)
          && (versions.isEmpty() || wantedVersion.isEmpty() || versions.contains(wantedVersion));
    }
  }

  /** Ports for clones, both ends included. */
  public record PortRange(int first, int last) {
    boolean contains(int port) {
      return port >= first && port <= last;
    }

    int size() {
      return Math.max(0, last - first + 1);
    }
  }

  Optional<PoolView> pool(String poolName) {
    return pools.stream().filter(pool -> pool.name().equals(SanPool.onHost(poolName))).findFirst();
  }

  boolean runs(String runtime, String engine, String version) {
    return engines.stream()
        .anyMatch(view -> view.runtime().equals(runtime) && view.runs(engine, version));
  }

  /**
   * So much of its memory is free, 0 to 1; true where the host does not say.
   *
   * @param taken bytes that its report does not count yet
   */
  public boolean hasFreeMemory(double part, long taken) {
    return memoryTotalBytes <= 0 || memoryAvailableBytes - taken >= memoryTotalBytes * part;
  }

  double freeMemoryFraction() {
    return memoryTotalBytes <= 0
        ? 0
        : Math.clamp((double) memoryAvailableBytes / memoryTotalBytes, 0, 1);
  }
}
