package dev.ramet.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.ramet.agent.config.Endpoint;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.ReportHostRequest;
import dev.ramet.proto.v1.ReportHostResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeartbeatTest {
  private static final ReportHostRequest REPORT =
      ReportHostRequest.newBuilder().setName("host-a").build();

  private final Coordinator first = new Coordinator();
  private final Coordinator second = new Coordinator();

  @AfterEach
  void stopCoordinators() throws InterruptedException {
    first.stop();
    second.stop();
  }

  @Test
  void reportsAgainAfterTheIntervalThatTheCoordinatorNames() throws Exception {
    first.start(0);
    Heartbeat heartbeat = new Heartbeat(List.of(first.endpoint()), () -> REPORT);
    heartbeat.start();
    assertThat(first.next()).isEqualTo(REPORT);
    assertThat(first.next()).isEqualTo(REPORT);
    heartbeat.stop();
    heartbeat.stop();
  }

  @Test
  void goesOnToTheNextCoordinatorAndBack() throws Exception {
    first.start(0);
    second.start(0);
    Endpoint firstAt = first.endpoint();
    Heartbeat heartbeat = new Heartbeat(List.of(firstAt, second.endpoint()), () -> REPORT);
    heartbeat.start();
    first.next();
    first.stop();
    second.next();
    first.start(firstAt.port());
    second.stop();
    first.next();
    heartbeat.stop();
  }

  @Test
  void goesOnAfterARefusalAndAFailureToMakeTheReport() throws Exception {
    first.start(0);
    first.refusals = 1;
    Heartbeat heartbeat =
        new Heartbeat(
            List.of(first.endpoint()),
            () -> {
              if (first.refusals == 0 && !first.failedOnce) {
                first.failedOnce = true;
                throw new IllegalStateException("the report cannot be made");
              }
              return REPORT;
            });
    heartbeat.start();
    first.next();
    heartbeat.stop();
    assertThat(first.failedOnce).isTrue();
  }

  @Test
  void aReportThatIsSlowToMakeIsTakenAllTheSame() throws Exception {
    first.start(0);
    Heartbeat heartbeat =
        new Heartbeat(
            List.of(first.endpoint()),
            () -> {
              // longer than a coordinator may take to answer
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5500));
              return REPORT;
            });
    heartbeat.start();
    assertThat(first.reports.poll(10, TimeUnit.SECONDS)).isEqualTo(REPORT);
    heartbeat.stop();
  }

  @Test
  void withoutCoordinatorsNothingIsReported() throws InterruptedException {
    Heartbeat heartbeat =
        new Heartbeat(
            List.of(),
            () -> {
              throw new AssertionError("asked for a report");
            });
    heartbeat.start();
    heartbeat.stop();
  }

  @Test
  void theWaitDoublesWithJitterUpToALimit() {
    Backoff backoff =
        new Backoff(
            java.time.Duration.ofMillis(250),
            RandomGeneratorFactory.of("L64X128MixRandom").create(7));
    for (int failures = 1; failures < 40; failures++) {
      long full = 250L << Math.min(failures - 1, 5);
      assertThat(backoff.after(failures).toMillis()).isBetween(full / 2, full);
    }
  }

  private static final class Coordinator extends HostServiceGrpc.HostServiceImplBase {
    private final BlockingQueue<ReportHostRequest> reports = new LinkedBlockingQueue<>();
    private volatile int refusals;
    private volatile boolean failedOnce;
    private Server server;

    void start(int port) throws IOException {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
              .addService(this)
              .build()
              .start();
    }

    Endpoint endpoint() {
      return new Endpoint("127.0.0.1", server.getPort());
    }

    ReportHostRequest next() throws InterruptedException {
      ReportHostRequest report = reports.poll(30, TimeUnit.SECONDS);
      assertThat(report).as("a report within 30 s").isNotNull();
      return report;
    }

    void stop() throws InterruptedException {
      if (server != null) {
        server.shutdownNow().awaitTermination();
        reports.clear();
      }
    }

    @Override
    public void reportHost(ReportHostRequest request, StreamObserver<ReportHostResponse> out) {
      if (refusals > 0) {
        refusals--;
        out.onError(Status.ALREADY_EXISTS.asRuntimeException());
        return;
      }
      reports.add(request);
      out.onNext(
          ReportHostResponse.newBuilder()
              .setHeartbeatInterval(Duration.newBuilder().setNanos(150_000_000))
              .build());
      out.onCompleted();
    }
  }
}
