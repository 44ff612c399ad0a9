package dev.ramet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.proto.v1.Clone.State;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real sockets. */
class ConnectingTest {
  private static final dev.ramet.proto.v1.Clone PENDING =
      dev.ramet.proto.v1.Clone.newBuilder()
          .setName("fix-1")
          .setUid("uid-1")
          .setState(State.PENDING)
          .build();

  @Test
  void aCoordinatorThatRestartsIsWaitedFor() throws Exception {
    ScriptedCoordinator before = new ScriptedCoordinator().answers(PENDING).watchSends(PENDING);
    ScriptedCoordinator after =
        new ScriptedCoordinator().watchSends(PENDING.toBuilder().setState(State.READY).build());
    Server first = serve(0, before);
    int port = first.getPort();
    try (RametClient ramet = RametClient.builder().server("127.0.0.1:" + port).build()) {
      Pending<Clone> pending = ramet.clones().create("fix-1", CloneSpec.of("app"));
      CompletableFuture<Clone> ready =
          CompletableFuture.supplyAsync(() -> pending.await(Duration.ofSeconds(30)));
      Thread.sleep(300);
      first.shutdownNow().awaitTermination();
      Thread.sleep(1500);
      Server second = serve(port, after);
      try {
        assertThat(ready.get(30, TimeUnit.SECONDS).state()).isEqualTo(Clone.State.READY);
      } finally {
        second.shutdownNow();
      }
    }
  }

  @Test
  void theNextAddressIsTriedWhereTheFirstDoesNotAnswer() throws Exception {
    Server server = serve(0, new ScriptedCoordinator().answers(PENDING));
    String servers = "127.0.0.1:" + unusedPort() + ",localhost:" + server.getPort();
    try (RametClient ramet = RametClient.builder().server(servers).build()) {
      assertThat(ramet.clones().get("fix-1").name()).isEqualTo("fix-1");
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void whereNobodyAnswersTheErrorNamesTheAddressWithinSeconds() throws Exception {
    int port = unusedPort();
    try (RametClient ramet = RametClient.builder().server("127.0.0.1:" + port).build()) {
      long begin = System.nanoTime();
      assertThatThrownBy(() -> ramet.clones().get("fix-1"))
          .isInstanceOfSatisfying(
              RametException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
          .hasMessage("no coordinator answers at 127.0.0.1:" + port + " (Connection refused)");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
    }
  }

  @Test
  void aHostNameThatNobodyKnowsIsNamed() {
    try (RametClient ramet = RametClient.builder().server("no-such-host.invalid:9440").build()) {
      assertThatThrownBy(() -> ramet.clones().get("fix-1"))
          .isInstanceOf(RametException.class)
          .hasMessageContaining("no-such-host.invalid");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host:",
        "host:0",
        "host:65536",
        "http://host:1",
        "a b:1",
        "host:9440,",
        "::1"
      })
  void anAddressThatIsNoneIsRefused(String address) {
    assertThatThrownBy(() -> RametClient.builder().server(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no server address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"host", "host:1", "127.0.0.1:9440, [::1]:9440", "[fe80::1]", "a_b.c:65535"})
  void anAddressMayLackThePort(String address) {
    assertThat(RametClient.builder().server(address)).isNotNull();
  }

  private static Server serve(int port, ScriptedCoordinator coordinator) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .addService(coordinator)
        .build()
        .start();
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
