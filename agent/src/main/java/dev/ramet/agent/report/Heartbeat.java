package dev.ramet.agent.report;

import dev.ramet.agent.config.Endpoint;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.ReportHostRequest;
import dev.ramet.proto.v1.ReportHostResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the host to a coordinator again and again. It stays with the coordinator that answers and
 * goes on to the next in the list when it does not; each change is logged once.
 */
public final class Heartbeat {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(250);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final List<Endpoint> coordinators;
  private final Supplier<ReportHostRequest> report;
  private final Backoff backoff = new Backoff(FIRST_BACKOFF, RandomGenerator.getDefault());
  private final Semaphore news = new Semaphore(0);
  private final Thread thread;
  private int current;
  private int failures;
  private String lastProblem = "";
  private @Nullable ManagedChannel channel;

  /**
   * Not started yet.
   *
   * @param coordinators tried in this order; none: nothing is reported
   * @param agentId tells two agents of one name apart
   * @param address where this agent can be reached; asked for each report
   */
  public Heartbeat(
      List<Endpoint> coordinators,
      HostReporter reporter,
      String agentId,
      Supplier<String> address) {
    this(coordinators, () -> reporter.request(agentId, address.get()));
  }

  Heartbeat(List<Endpoint> coordinators, Supplier<ReportHostRequest> report) {
    this.coordinators = List.copyOf(coordinators);
    this.report = report;
    this.thread = Thread.ofVirtual().name("heartbeat").unstarted(this::run);
  }

  /** Begins to report; once. */
  public void start() {
    if (!coordinators.isEmpty()) {
      thread.start();
    }
  }

  /** Something happened that must not wait for the next report. */
  public void reportSoon() {
    news.release();
  }

  /** Ends it; returns when no report is under way. */
  public void stop() throws InterruptedException {
    thread.interrupt();
    if (thread.getState() != Thread.State.NEW) {
      thread.join();
    }
  }

  private void run() {
    try {
      while (true) {
        long pause = beat().toMillis();
        if (news.tryAcquire(pause, TimeUnit.MILLISECONDS)) {
          Thread.sleep(SHORTEST_INTERVAL); // what happens together is told together
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the heartbeat ends");
    } finally {
      disconnect();
    }
  }

  /** Reports once and says when to do so again. */
  private Duration beat() throws InterruptedException {
    Endpoint coordinator = coordinators.get(current);
    try {
      // Before the time begins: what makes the report may be slow, and the coordinator is not.
      ReportHostRequest request = report.get();
      ReportHostResponse response =
          HostServiceGrpc.newBlockingStub(connect(coordinator))
              .withDeadlineAfter(DEADLINE)
              .reportHost(request);
      reported(coordinator);
      Duration interval =
          Duration.ofSeconds(
              response.getHeartbeatInterval().getSeconds(),
              response.getHeartbeatInterval().getNanos());
      return interval.compareTo(SHORTEST_INTERVAL) < 0 ? SHORTEST_INTERVAL : interval;
    } catch (StatusRuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      return failed(coordinator, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return failed(coordinator, e.toString());
    }
  }

  private void reported(Endpoint coordinator) {
    if (failures > 0 || lastProblem.isEmpty()) {
      LOG.atInfo().addKeyValue("coordinator", coordinator).log("the coordinator knows this host");
    }
    failures = 0;
    lastProblem = "-";
  }

  private Duration failed(Endpoint coordinator, String problem) {
    failures++;
    if (!problem.equals(lastProblem)) {
      lastProblem = problem;
      LOG.atWarn()
          .addKeyValue("coordinator", coordinator)
          .log("the report was not taken, will go on trying: {}", problem);
    }
    disconnect();
    current = (current + 1) % coordinators.size();
    return backoff.after(failures);
  }

  private ManagedChannel connect(Endpoint coordinator) {
    if (channel == null) {
      channel =
          NettyChannelBuilder.forTarget(coordinator.toString())
              .usePlaintext()
              .keepAliveTime(20, TimeUnit.SECONDS)
              .build();
    }
    return channel;
  }

  private void disconnect() {
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
  }
}
