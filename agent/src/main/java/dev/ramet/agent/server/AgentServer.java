package dev.ramet.agent.server;

import dev.ramet.agent.array.LinuxTarget;
import dev.ramet.agent.config.Endpoint;
import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.instance.Instances;
import dev.ramet.agent.report.HostReporter;
import dev.ramet.agent.storage.Pools;
import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.PullProgress;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The agent's gRPC server: every service behind the same interceptors. */
public final class AgentServer {
  private static final Duration WARM_UP_DEADLINE = Duration.ofSeconds(10);

  private final Jobs<LoadSourceRequest, LoadProgress> loads;
  private final Jobs<String, PullProgress> pulls;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final EventLoops loops = new EventLoops();
  private final TunnelEndpoint tunnels;
  private final Endpoint listen;
  private final Server server;

  /**
   * Puts the services together; nothing listens yet.
   *
   * @param name of the host
   */
  public AgentServer(
      Endpoint listen,
      String name,
      Fence fence,
      Installation installation,
      Pools pools,
      Engines engines,
      Instances instances,
      Optional<LinuxTarget> target,
      HostReporter reporter) {
    this.listen = listen;
    InFlight inFlight = new InFlight();
    Replies replies = new Replies(inFlight);
    loads = new Jobs<>(inFlight);
    pulls = new Jobs<>(inFlight);
    tunnels = new TunnelEndpoint(instances, loops);
    server =
        build(
            fence,
            installation,
            List.of(
                new VolumeEndpoint(
                    pools, engines, replies, new SnapshotPulls(pulls, new PeerAgents())),
                new SanEndpoint(pools, replies),
                new TargetEndpoint(target, replies),
                new InstanceEndpoint(instances, pools, replies),
                tunnels,
                new EngineEndpoint(engines, pools, loads, replies),
                new HostEndpoint(name, reporter, pools, instances, replies)));
  }

  /**
   * Begins to listen. Health checks say NOT_SERVING until {@link #serve}.
   *
   * @throws IOException where the address cannot be listened on
   */
  public void start() throws IOException {
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
    try {
      server.start();
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s: %s; set 'listen' to a free address and port"
              .formatted(listen, rootCause(e).getMessage()),
          e);
    }
  }

  /** Calls itself once, so that the first real call is not the slow one. */
  public void warmUp() throws InterruptedException {
    InetSocketAddress bound = (InetSocketAddress) server.getListenSockets().getFirst();
    InetAddress address =
        bound.getAddress().isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress()
            : bound.getAddress();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress(address, bound.getPort()))
            .usePlaintext()
            .build();
    try {
      HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(WARM_UP_DEADLINE)
          .check(HealthCheckRequest.getDefaultInstance());
      HostServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(WARM_UP_DEADLINE)
          .observe(ObserveRequest.newBuilder().setInstance("warm-up").build());
    } finally {
      channel.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  /** Health checks say SERVING from now on. */
  public void serve() {
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
  }

  /** Port that is listened on. */
  public int port() {
    return server.getPort();
  }

  /**
   * Takes no more calls, lets those in flight end within the grace time, then cuts them off. Jobs
   * and tunnels are ended too: whoever wants them begins them again.
   */
  public void stop(Duration grace) throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    loads.close();
    pulls.close();
    tunnels.close();
    if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      server.shutdownNow();
      boolean ended = server.awaitTermination(1, TimeUnit.SECONDS);
      if (!ended) {
        calls.shutdownNow();
      }
    }
    calls.shutdown();
    loops.close();
  }

  private Server build(Fence fence, Installation installation, List<BindableService> services) {
    NettyServerBuilder builder =
        loops
            .server(listen.socketAddress())
            .executor(calls)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(30, TimeUnit.SECONDS);
    // the last one added is the first one called
    builder.intercept(new FenceInterceptor(fence, installation));
    builder.intercept(new ErrorInterceptor());
    builder.intercept(new RequestLogInterceptor());
    services.forEach(builder::addService);
    return builder
        .addService(health.getHealthService())
        .addService(ProtoReflectionServiceV1.newInstance())
        .build();
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
