package dev.ramet.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A connection to Ramet's coordinators.
 *
 * <pre>{@code
 * try (RametClient ramet = RametClient.builder().server("127.0.0.1:9440").build()) {
 *   Clone clone = ramet.clones().create("fix-123", CloneSpec.of("app")).await(Duration.ofMinutes(1));
 *   use(clone.url().reveal());
 * }
 * }</pre>
 *
 * <p>Thread-safe, one for a program. It connects with the first call. Every call of the protocol is
 * safe to repeat, and is repeated for a second or two where no coordinator answers.
 */
public final class RametClient implements AutoCloseable {
  private final Runnable close;
  private final Clones clones;
  private final Images images;
  private final Hosts hosts;
  private final Operations operations;
  private final Arrays arrays;
  private final Proxies proxies;
  private final Events events;
  private final Admin admin;

  RametClient(ManagedChannel channel, Duration callTimeout, String server, Runnable close) {
    this.close = close;
    StatusErrors errors = new StatusErrors(server);
    Connection connection = new Connection(channel, callTimeout, errors);
    this.operations = new Operations(connection, channel);
    this.clones = new Clones(connection, channel);
    this.images = new Images(connection, channel, operations);
    this.hosts = new Hosts(connection, channel, operations);
    this.arrays = new Arrays(connection, channel);
    this.proxies = new Proxies(clones, server, errors);
    this.events = new Events(connection, channel);
    this.admin = new Admin(connection, channel);
  }

  public static Builder builder() {
    return new Builder();
  }

  public Clones clones() {
    return clones;
  }

  public Images images() {
    return images;
  }

  public Hosts hosts() {
    return hosts;
  }

  public Arrays arrays() {
    return arrays;
  }

  public Operations operations() {
    return operations;
  }

  public Proxies proxies() {
    return proxies;
  }

  public Events events() {
    return events;
  }

  public Admin admin() {
    return admin;
  }

  /**
   * Ends the connection, and the proxies that were opened; calls that are out fail with {@link
   * ErrorKind#UNAVAILABLE}.
   */
  @Override
  public void close() {
    proxies.close();
    close.run();
  }

  /** How to reach the coordinators. */
  public static final class Builder {
    private List<String> servers = List.of("127.0.0.1:" + Addresses.DEFAULT_PORT);
    private Duration callTimeout = Duration.ofSeconds(10);

    private Builder() {}

    /**
     * One or more {@code host:port}, with commas between; they are tried in this order.
     *
     * @throws IllegalArgumentException with a message for the user where one is malformed
     */
    public Builder server(String addresses) {
      servers = Addresses.parse(addresses);
      return this;
    }

    /** How long one question may take, retries included; not how long to wait for work. */
    public Builder callTimeout(Duration timeout) {
      callTimeout = timeout;
      return this;
    }

    public RametClient build() {
      // One NIO thread: enough for a client, and neither epoll nor OpenSSL libraries get unpacked.
      MultiThreadIoEventLoopGroup loop =
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory("ramet-client", true), NioIoHandler.newFactory());
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(Addresses.target(servers))
              .usePlaintext()
              .channelType(NioSocketChannel.class)
              .eventLoopGroup(loop)
              .directExecutor()
              .disableServiceConfigLookUp()
              .defaultServiceConfig(Retries.SERVICE_CONFIG)
              .keepAliveTime(20, TimeUnit.SECONDS)
              .keepAliveTimeout(10, TimeUnit.SECONDS)
              .build();
      return new RametClient(
          channel,
          callTimeout,
          String.join(", ", servers),
          () -> {
            channel.shutdownNow();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(500);
          });
    }
  }

  /**
   * Every method of ramet.v1 is idempotent by the caller's name or request id. CANCELLED is what a
   * coordinator that goes down sends; what the caller cancels is never sent again.
   */
  static final class Retries {
    static final Map<String, ?> SERVICE_CONFIG =
        Map.of(
            "methodConfig",
            List.of(
                Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                        "maxAttempts",
                        5.0,
                        "initialBackoff",
                        "0.1s",
                        "maxBackoff",
                        "1s",
                        "backoffMultiplier",
                        2.0,
                        "retryableStatusCodes",
                        List.of("UNAVAILABLE", "CANCELLED")))));

    private Retries() {}
  }
}
