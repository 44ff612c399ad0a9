package dev.ramet.coordinator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.ramet.coordinator.reconcile.ReconcileSettings;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.ListHostsRequest;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(90)
class CoordinatorIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static EmbeddedServer start(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("micronaut.server.port", -1);
    settings.put("ramet.grpc.port", 0);
    settings.put("ramet.etcd.endpoints", etcd.endpoint().toString());
    settings.putAll(more);
    return ApplicationContext.run(EmbeddedServer.class, settings);
  }

  private static HttpResponse<String> get(EmbeddedServer server, String path)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getPort() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void itServesItsApiItsHealthAndItsMetrics() throws Exception {
    try (EmbeddedServer server = start(Map.of())) {
      Startup startup = server.getApplicationContext().getBean(Startup.class);
      CoordinatorLab.eventually("leads", () -> startup.role().equals("leader"));
      CoordinatorLab.eventually("fresh", startup::isFresh);
      int port = server.getApplicationContext().getBean(GrpcServer.class).port();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
      try {
        assertThat(
                HostServiceGrpc.newBlockingStub(channel)
                    .listHosts(ListHostsRequest.getDefaultInstance())
                    .getHostsList())
            .isEmpty();
        CoordinatorLab.eventually(
            "serving",
            () ->
                HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus()
                    == ServingStatus.SERVING);
        assertThat(reflected(channel))
            .contains(
                "ramet.v1.CloneService",
                "ramet.v1.HostService",
                "ramet.v1.ImageService",
                "ramet.v1.OperationService",
                "grpc.health.v1.Health")
            .noneMatch(service -> service.startsWith("ramet.agent"));
      } finally {
        channel.shutdownNow();
      }
      HttpResponse<String> health = get(server, "/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).contains("\"role\":\"leader\"");
      assertThat(get(server, "/prometheus").body())
          .contains("ramet_leader 1.0", "ramet_clones{state=\"ready\"} 0.0", "ramet_grpc_calls");
    }
  }

  /** The services that a tool sees that knows none of our files. */
  private static List<String> reflected(ManagedChannel channel) throws Exception {
    CompletableFuture<List<String>> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> ask =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(
                        response.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName)
                            .toList());
                  }

                  @Override
                  public void onError(Throwable error) {
                    answer.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {}
                });
    ask.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    try {
      return answer.get(10, TimeUnit.SECONDS);
    } finally {
      ask.onCompleted();
    }
  }

  @Test
  void withoutEtcdItStartsAndSaysThatItIsNotWell() throws Exception {
    try (EmbeddedServer server = start(Map.of("ramet.etcd.endpoints", "http://127.0.0.1:1"))) {
      int port = server.getApplicationContext().getBean(GrpcServer.class).port();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
      try {
        assertThat(
                HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus())
            .isEqualTo(ServingStatus.NOT_SERVING);
      } finally {
        channel.shutdownNow();
      }
      assertThat(get(server, "/health").statusCode()).isEqualTo(503);
      assertThat(get(server, "/health/liveness").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aPortInUseIsToldInOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Throwable error =
          catchThrowable(() -> start(Map.of("ramet.grpc.port", taken.getLocalPort())));
      assertThat(error)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("gRPC port " + taken.getLocalPort())
          .hasMessageContaining("RAMET_GRPC_PORT");
    }
  }

  @Test
  void theDefaultsInTheFileAreThoseOfTheCode() {
    try (ApplicationContext context = ApplicationContext.run()) {
      assertThat(context.getBean(ReconcilerSettings.class).reconcile())
          .isEqualTo(ReconcileSettings.DEFAULT);
      assertThat(context.getBean(AgentSettings.class).deadlines())
          .isEqualTo(dev.ramet.coordinator.fleet.Deadlines.DEFAULT);
      assertThat(context.getBean(PlacementSettings.class).sizing())
          .isEqualTo(dev.ramet.coordinator.api.VolumeSizing.DEFAULT);
      assertThat(context.getBean(GrpcSettings.class))
          .isEqualTo(new GrpcSettings("127.0.0.1", 9440));
      assertThat(context.getBean(EtcdSettings.class).endpoints())
          .isEqualTo(List.of("http://127.0.0.1:2379"));
    }
  }

  @Test
  void severalEndpointsAreSeparatedByCommas() {
    try (ApplicationContext context =
        ApplicationContext.run(Map.of("ramet.etcd.endpoints", "http://a:1,http://b:2"))) {
      assertThat(
              context
                  .getBean(EtcdSettings.class)
                  .store(java.time.Duration.ofSeconds(10))
                  .endpoints())
          .containsExactly(URI.create("http://a:1"), URI.create("http://b:2"));
    }
  }
}
