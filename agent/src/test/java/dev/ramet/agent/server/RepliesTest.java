package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceResponse;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A start that takes for ever, and what its caller's leaving does to it. */
@Timeout(30)
class RepliesTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch undone = new CountDownLatch(1);
  private final Replies replies = new Replies(new InFlight());
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .intercept(new ErrorInterceptor())
            .addService(new Endless())
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void anAnswerThatNobodyWaitsForAnyMoreIsInterruptedAndItsClaimsAreFree() throws Exception {
    Future<Instance> call =
        InstanceServiceGrpc.newFutureStub(channel)
            .startInstance(StartInstanceRequest.newBuilder().setId("c").build());
    begun.await();
    call.cancel(true);
    assertThat(undone.await(10, TimeUnit.SECONDS)).as("interrupted").isTrue();
    // Only now: until the start has been taken back the id is in flight.
    var unused =
        InstanceServiceGrpc.newBlockingStub(channel)
            .deleteInstance(DeleteInstanceRequest.newBuilder().setId("c").build());
  }

  private final class Endless extends InstanceServiceGrpc.InstanceServiceImplBase {
    @Override
    public void startInstance(StartInstanceRequest request, StreamObserver<Instance> out) {
      try {
        replies.sendInterruptibly(
            out,
            () -> {
              begun.countDown();
              new CountDownLatch(1).await();
              return Instance.getDefaultInstance();
            },
            InFlight.Claim.instance(request.getId()));
      } finally {
        undone.countDown();
      }
    }

    @Override
    public void deleteInstance(
        DeleteInstanceRequest request, StreamObserver<DeleteInstanceResponse> out) {
      replies.send(
          out,
          DeleteInstanceResponse::getDefaultInstance,
          InFlight.Claim.instance(request.getId()));
    }
  }
}
