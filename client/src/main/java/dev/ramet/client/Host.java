package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A machine that runs an agent, with the agent's last report.
 *
 * @param cordoned no new clones or replicas are placed here; what runs goes on
 * @param alive the agent was heard of lately; where not, everything below is what was said then
 * @param runtimes that answer, preferred first
 * @param unavailableRuntimes runtimes that are not usable, with the reason
 * @param databaseAddress where clones' ports are reached
 * @param clones live ones by the coordinator's records
 */
public record Host(
    String name,
    Map<String, String> labels,
    boolean cordoned,
    boolean alive,
    String agentAddress,
    String agentVersion,
    List<Pool> pools,
    List<String> runtimes,
    Map<String, String> unavailableRuntimes,
    List<EngineVersions> engines,
    long memoryTotalBytes,
    long memoryAvailableBytes,
    int cpus,
    String databaseAddress,
    int firstPort,
    int lastPort,
    int clones,
    @Nullable Instant createTime) {

  public Host {
    labels = CloneSpec.ordered(labels);
    pools = List.copyOf(pools);
    runtimes = List.copyOf(runtimes);
    unavailableRuntimes = CloneSpec.ordered(unavailableRuntimes);
    engines = List.copyOf(engines);
  }

  /**
   * A storage area of the host.
   *
   * @param problem what is wrong, where it is not healthy; else empty
   */
  public record Pool(
      String name,
      String driver,
      List<String> capabilities,
      boolean healthy,
      String problem,
      long freeBytes,
      long totalBytes) {
    public Pool {
      capabilities = List.copyOf(capabilities);
    }
  }

  /** Versions of one engine that can run here with one runtime. */
  public record EngineVersions(String engine, String runtime, List<String> versions) {
    public EngineVersions {
      versions = List.copyOf(versions);
    }
  }
}
