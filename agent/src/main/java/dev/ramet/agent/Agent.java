package dev.ramet.agent;

import dev.ramet.agent.array.LinuxTarget;
import dev.ramet.agent.config.AgentConfig;
import dev.ramet.agent.config.Endpoint;
import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.engine.postgres.PostgresEngine;
import dev.ramet.agent.instance.Instances;
import dev.ramet.agent.report.EndedServers;
import dev.ramet.agent.report.Heartbeat;
import dev.ramet.agent.report.HostReporter;
import dev.ramet.agent.runtime.Runtimes;
import dev.ramet.agent.runtime.Volumes;
import dev.ramet.agent.server.AgentServer;
import dev.ramet.agent.server.Fence;
import dev.ramet.agent.server.Installation;
import dev.ramet.agent.state.StateDir;
import dev.ramet.agent.storage.PoolVolumes;
import dev.ramet.agent.storage.Pools;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One agent: everything it is made of, put together in one place. */
final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private static final Duration BETWEEN_UPKEEP = Duration.ofMinutes(1);

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /** Hosts wait for a target daemon that was restarted, and their databases with them. */
  private static final Duration BETWEEN_LOOKS_AT_EXPORTS = Duration.ofSeconds(2);

  private final AgentConfig config;
  private final StateDir stateDir;
  private final Pools pools;
  private final Instances instances;
  private final Optional<LinuxTarget> target;
  private final AgentServer server;
  private final EndedServers ended = new EndedServers();
  private final Heartbeat heartbeat;
  private final ScheduledExecutorService upkeep =
      Executors.newScheduledThreadPool(2, Thread.ofPlatform().daemon().name("upkeep").factory());

  /**
   * Takes the state directory and puts the parts together; nothing runs yet.
   *
   * @throws IOException where the state directory cannot be used
   */
  Agent(AgentConfig config, String version) throws IOException {
    this.config = config;
    stateDir = StateDir.open(config.stateDir());
    pools = Pools.of(config.pools(), Pools.installedDrivers(), stateDir, InstantSource.system());
    Volumes volumes = new PoolVolumes(pools);
    Runtimes runtimes = new Runtimes(RuntimeWiring.of(config, volumes));
    Engines engines = new Engines(List.of(new PostgresEngine(runtimes)));
    instances = new Instances(engines, runtimes, volumes, config.runtime().startTimeout());
    target = config.target().map(wanted -> TargetWiring.open(config.name(), wanted));
    HostReporter reporter =
        new HostReporter(config, version, pools, runtimes, ended, Path.of("/proc"));
    server =
        new AgentServer(
            config.listen(),
            config.name(),
            Fence.open(stateDir.file("fence")),
            Installation.open(stateDir.file("installation")),
            pools,
            engines,
            instances,
            target,
            reporter);
    String id = stateDir.agentId();
    heartbeat = new Heartbeat(config.coordinators(), reporter, id, this::advertised);
  }

  /**
   * Opens the pools, finds what the host holds, warms up, listens, reports.
   *
   * @throws IOException where the address cannot be listened on
   */
  void start() throws IOException, InterruptedException {
    Inventory.log(pools, instances);
    warmUp("instances", instances::warmUp);
    server.start();
    warmUp("gRPC", server::warmUp);
    server.serve();
    heartbeat.start();
    ScheduledFuture<?> _ =
        upkeep.scheduleWithFixedDelay(
            this::boundLogs,
            BETWEEN_UPKEEP.toSeconds(),
            BETWEEN_UPKEEP.toSeconds(),
            TimeUnit.SECONDS);
    ScheduledFuture<?> _ =
        upkeep.scheduleWithFixedDelay(
            this::noticeEnds,
            BETWEEN_LOOKS.toSeconds(),
            BETWEEN_LOOKS.toSeconds(),
            TimeUnit.SECONDS);
    ScheduledFuture<?> _ =
        upkeep.scheduleWithFixedDelay(
            this::restoreExports, 0, BETWEEN_LOOKS_AT_EXPORTS.toMillis(), TimeUnit.MILLISECONDS);
    LOG.atInfo()
        .addKeyValue("host", config.name())
        .addKeyValue("listen", new Endpoint(config.listen().host(), server.port()))
        .addKeyValue("pid", ProcessHandle.current().pid())
        .log("ready");
  }

  private void boundLogs() {
    try {
      instances.boundLogs();
    } catch (RuntimeException e) {
      // or it would never be tried again
      LOG.atWarn().setCause(e).log("the instances' logs could not be kept within bounds");
    }
  }

  /** The coordinator shows a server as running until it hears otherwise. */
  private void noticeEnds() {
    try {
      List<String> ids = instances.ended();
      for (String id : ids) {
        LOG.atWarn().addKeyValue("instance", id).log("its server has ended by itself");
        ended.add(id);
      }
      if (!ids.isEmpty()) {
        heartbeat.reportSoon();
      }
    } catch (RuntimeException e) {
      LOG.atDebug().setCause(e).log("whether servers have ended is not known now");
    }
  }

  private void restoreExports() {
    try {
      if (target.isPresent()) {
        target.get().restore();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("exports could not be looked at");
    }
  }

  private interface WarmUp {
    void run() throws InterruptedException;
  }

  /** A cold start is slow, not wrong. */
  private static void warmUp(String what, WarmUp warmUp) throws InterruptedException {
    long begun = System.nanoTime();
    try {
      warmUp.run();
      LOG.atInfo()
          .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun))
          .log("warmed up: {}", what);
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("could not warm up: {}", what);
    }
  }

  /** Port that it listens on. */
  int port() {
    return server.port();
  }

  /** Stops serving. Instances run on, volumes stay attached, pools stay mounted. */
  void stop() throws IOException, InterruptedException {
    LOG.atInfo().addKeyValue("host", config.name()).log("stopping; instances run on");
    heartbeat.stop();
    upkeep.shutdownNow();
    upkeep.close();
    server.stop(config.shutdownGrace());
    target.ifPresent(LinuxTarget::close);
    pools.close();
    stateDir.close();
  }

  /** Port 0 asks for any: what came of it is told. */
  private String advertised() {
    Endpoint advertised = config.advertised();
    return (advertised.port() == 0 ? new Endpoint(advertised.host(), server.port()) : advertised)
        .toString();
  }
}
