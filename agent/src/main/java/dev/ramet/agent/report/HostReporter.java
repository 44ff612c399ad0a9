package dev.ramet.agent.report;

import dev.ramet.agent.config.AgentConfig;
import dev.ramet.agent.runtime.RuntimeReport;
import dev.ramet.agent.runtime.Runtimes;
import dev.ramet.agent.storage.Pool;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.ReportHostRequest;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.PoolStatus;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.san.LunDriver;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Makes the host's report, as of now. Cheap enough for every heartbeat. */
public final class HostReporter {
  private final AgentConfig config;
  private final String version;
  private final Pools pools;
  private final Runtimes runtimes;
  private final ProcFiles proc;
  private final EndedServers ended;
  private final String runId = UUID.randomUUID().toString();

  /**
   * Made once.
   *
   * @param version of the agent
   * @param ended what is to be told at once
   * @param proc where the kernel tells of itself, normally "/proc"
   */
  public HostReporter(
      AgentConfig config,
      String version,
      Pools pools,
      Runtimes runtimes,
      EndedServers ended,
      Path proc) {
    this.config = config;
    this.version = version;
    this.pools = pools;
    this.runtimes = runtimes;
    this.ended = ended;
    this.proc = new ProcFiles(proc);
  }

  /** The report. A pool or runtime that fails is in it, with its problem. */
  public HostReport report() {
    ProcFiles.Memory memory = proc.memory();
    HostReport.Builder report =
        HostReport.newBuilder()
            .setAgentVersion(version)
            .setBootId(proc.bootId())
            .setAgentRunId(runId)
            .setMemoryTotalBytes(memory.total())
            .setMemoryAvailableBytes(memory.available())
            .setCpus(Runtime.getRuntime().availableProcessors())
            .setDatabaseAddress(config.databaseAddress())
            .setFirstPort(config.databasePorts().first())
            .setLastPort(config.databasePorts().last())
            .addAllEndedInstances(ended.latest());
    pools.all().forEach(pool -> report.addPools(pool(pool)));
    runtimes.reports().forEach(runtime -> add(runtime, report));
    // Last, as it grows old soonest.
    return report.addAllPortsInUse(proc.listeningPorts(config.databasePorts()::contains)).build();
  }

  ReportHostRequest request(String agentId, String address) {
    return ReportHostRequest.newBuilder()
        .setName(config.name())
        .setAgentAddress(address)
        .setAgentId(agentId)
        .setReport(report())
        .putAllLabels(config.labels())
        .build();
  }

  private static dev.ramet.proto.v1.Pool pool(Pool pool) {
    PoolStatus status = pool.status();
    return dev.ramet.proto.v1.Pool.newBuilder()
        .setName(pool.name())
        .setDriver(pool.driverName())
        .addAllCapabilities(capabilities(pool))
        .setHealthy(status.healthy())
        .setProblem(status.problemIfAny().orElse(""))
        .setFreeBytes(status.free().bytes())
        .setTotalBytes(status.total().bytes())
        .setInitiator(initiator(pool))
        .build();
  }

  private static String initiator(Pool pool) {
    try {
      return pool.driver() instanceof LunDriver luns ? luns.initiatorName() : "";
    } catch (StorageException e) {
      return ""; // its status tells why
    }
  }

  private static Set<String> capabilities(Pool pool) {
    Set<String> names = new TreeSet<>();
    try {
      CowDriver driver = pool.driver();
      driver.capabilities().forEach(capability -> names.add(capability.name()));
    } catch (StorageException e) {
      // its status says why it cannot be opened
      return Set.of();
    }
    return names;
  }

  private static void add(RuntimeReport runtime, HostReport.Builder report) {
    if (!runtime.available()) {
      report.putUnavailableRuntimes(runtime.name(), runtime.problem());
      return;
    }
    report.addRuntimes(runtime.name());
    runtime
        .versions()
        .forEach((engine, versions) ->
            report
                .addEnginesBuilder()
                .setEngine(engine)
                .setRuntime(runtime.name())
                .addAllVersions(versions));
  }
}
