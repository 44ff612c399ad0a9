package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.ramet.proto.agent.v1.ConnectRequest;
import dev.ramet.proto.agent.v1.ConnectResponse;
import dev.ramet.proto.agent.v1.TunnelServiceGrpc;
import dev.ramet.proto.agent.v1.TunnelServiceGrpc.TunnelServiceImplBase;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over real sockets and gRPC: what one side does not read, the other one cannot send. */
@Timeout(60)
class TunnelTest {
  /** Windows of HTTP/2, and buffers of two sockets, which the kernel lets grow. */
  private static final long BOUND = 24L << 20;

  private static final byte[] BLOCK = new byte[64 << 10];

  private final EventLoops loops = new EventLoops();
  private ServerSocket database;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    database = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    server = loops.server(new InetSocketAddress("127.0.0.1", 0)).addService(new Service()).build();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.start().getPort())
            .usePlaintext()
            .flowControlWindow(512 << 10)
            .build();
  }

  @AfterEach
  void stop() throws IOException {
    channel.shutdownNow();
    server.shutdownNow();
    loops.close();
    database.close();
  }

  @Test
  void whatTheCallerDoesNotReadTheServerCannotSend() throws Exception {
    Caller caller = open();
    AtomicLong sent = new AtomicLong();
    try (Socket accepted = database.accept()) {
      Thread.startVirtualThread(() -> sendForEver(accepted, sent));
      assertThat(settled(sent::get)).isPositive().isLessThan(BOUND);
      assertThat(caller.received.get()).isLessThanOrEqualTo(Tunnel.CHUNK);
    }
  }

  @Test
  void whatTheServerDoesNotReadTheCallerCannotSend() throws Exception {
    Caller caller = open();
    try (Socket _ = database.accept()) {
      AtomicLong sent = new AtomicLong();
      Thread.startVirtualThread(() -> {
        while (!channel.isShutdown()) {
          if (caller.call.isReady()) {
            caller.call.onNext(
                ConnectRequest.newBuilder().setData(ByteString.copyFrom(BLOCK)).build());
            sent.addAndGet(BLOCK.length);
          } else {
            Thread.onSpinWait();
            Thread.yield();
          }
        }
      });
      assertThat(settled(sent::get)).isPositive().isLessThan(BOUND);
    }
  }

  @Test
  void theServersLastWordsComeBeforeItsEnd() throws Exception {
    Caller caller = open();
    try (Socket accepted = database.accept()) {
      accepted.getOutputStream().write("bye".getBytes(StandardCharsets.UTF_8));
    }
    caller.call.request(10);
    assertThat(caller.end.get(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
    assertThat(caller.received.get()).isEqualTo(3);
  }

  @Test
  void aCallerThatLeavesClosesTheServersSocket() throws Exception {
    Caller caller = open();
    try (Socket accepted = database.accept()) {
      caller.call.cancel("left", null);
      assertThat(accepted.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aHalfCloseIsPassedOnAndTheAnswerStillComes() throws Exception {
    Caller caller = open();
    caller.call.onNext(
        ConnectRequest.newBuilder().setData(ByteString.copyFromUtf8("question")).build());
    caller.call.onCompleted();
    try (Socket accepted = database.accept()) {
      assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("question");
      accepted.getOutputStream().write(1);
    }
    caller.call.request(10);
    assertThat(caller.end.get(20, TimeUnit.SECONDS)).isEqualTo(Status.OK);
    assertThat(caller.received.get()).isEqualTo(1);
  }

  @Test
  void aServerThatTakesNoConnectionIsTold() throws Exception {
    database.close();
    Status end = open().end.get(20, TimeUnit.SECONDS);
    assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(end.getDescription()).contains("instance 'fix.1' takes no connection");
  }

  @Test
  void tooLongAMessageIsRefused() throws Exception {
    Caller caller = open();
    caller.call.onNext(
        ConnectRequest.newBuilder()
            .setData(ByteString.copyFrom(new byte[Tunnel.CHUNK + 1]))
            .build());
    assertThat(caller.end.get(20, TimeUnit.SECONDS).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private Caller open() {
    Caller caller = new Caller();
    var _ = TunnelServiceGrpc.newStub(channel).connect(caller);
    caller.call.onNext(ConnectRequest.newBuilder().setInstance("fix.1").build());
    return caller;
  }

  private static void sendForEver(Socket socket, AtomicLong sent) {
    try {
      while (true) {
        socket.getOutputStream().write(BLOCK);
        sent.addAndGet(BLOCK.length);
      }
    } catch (IOException e) {
      return; // the test is over
    }
  }

  /** What it stays at for a second. */
  private static long settled(LongSupplier value) throws InterruptedException {
    long before = -1;
    long now = value.getAsLong();
    while (now != before || now == 0) {
      Thread.sleep(1000);
      before = now;
      now = value.getAsLong();
    }
    return now;
  }

  private final class Service extends TunnelServiceImplBase {
    @Override
    public StreamObserver<ConnectRequest> connect(StreamObserver<ConnectResponse> out) {
      return new Tunnel(
          (ServerCallStreamObserver<ConnectResponse>) out,
          loops.current(),
          _ -> (InetSocketAddress) database.getLocalSocketAddress(),
          _ -> {});
    }
  }

  /** Asks for one message, and for more only when a test does. */
  private static final class Caller
      implements ClientResponseObserver<ConnectRequest, ConnectResponse> {
    private final AtomicLong received = new AtomicLong();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private ClientCallStreamObserver<ConnectRequest> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<ConnectRequest> started) {
      call = started;
      call.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(ConnectResponse message) {
      received.addAndGet(message.getData().size());
    }

    @Override
    public void onError(Throwable error) {
      end.complete(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }
}
