package dev.ramet.coordinator.server;

import dev.ramet.coordinator.api.ProxyApi;
import dev.ramet.coordinator.fleet.EventLoops;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC server, on the shaded Netty. The builder is named on purpose: jetcd brings the unshaded
 * one too, and which of them a provider look-up would find is luck.
 */
@Singleton
final class GrpcServer {
  private static final Logger log = LoggerFactory.getLogger(GrpcServer.class);
  private static final int SHORTEST_KEEP_ALIVE_SECONDS = 5;
  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final int GOODBYE_MILLIS = 500;

  private final GrpcSettings settings;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;

  GrpcServer(GrpcSettings settings, GrpcServices services, EventLoops loops, MeterRegistry meters) {
    this.settings = settings;
    NettyServerBuilder builder =
        loops
            .server(new InetSocketAddress(settings.host(), settings.port()), ProxyApi.SERVICE)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .permitKeepAliveTime(SHORTEST_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // a client whose machine is gone must not keep connections to its clones
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .intercept(new CallMetrics(meters));
    services.all().forEach(builder::addService);
    server =
        builder
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build();
  }

  void start() {
    try {
      server.start();
    } catch (IOException error) {
      throw new StartupException(
          "the gRPC port %d on %s cannot be opened (is another coordinator running?): choose another one by RAMET_GRPC_PORT"
              .formatted(settings.port(), settings.host()),
          error);
    }
    log.atInfo()
        .addKeyValue("host", settings.host())
        .addKeyValue("port", port())
        .log("gRPC listens");
  }

  int port() {
    return server.getPort();
  }

  void setServing(boolean serving) {
    health.setStatus(
        HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
        serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  @PreDestroy
  void stop() throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    if (!server.awaitTermination(GOODBYE_MILLIS, TimeUnit.MILLISECONDS)) {
      server.shutdownNow();
    }
  }
}
