package dev.ramet.client;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * A local port that leads to a clone; made by {@link Proxies#open}. Thread-safe.
 *
 * <p>What one side does not read, the other one soon cannot send: for each connection and direction
 * no more than half a megabyte waits in each of the programs on the way.
 */
public final class Proxy implements AutoCloseable {
  private static final int BACKLOG = 1024;

  private final Proxies proxies;
  private final ProxyTransport transport;
  private final ProxyListener told;
  private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private final Channel listener;
  private volatile Target target;

  /** A clone, and what it was called when that was last told. */
  record Target(String name, String uid) {}

  private Proxy(
      Proxies proxies,
      ProxyTransport transport,
      Target target,
      InetSocketAddress address,
      ProxyListener told) {
    this.proxies = proxies;
    this.transport = transport;
    this.target = target;
    this.told = told;
    ChannelFuture bound = bootstrap().bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw RametException.local(
          ErrorKind.PRECONDITION,
          "PORT_TAKEN",
          "port "
              + address.getPort()
              + " of "
              + address.getAddress().getHostAddress()
              + " cannot be listened on ("
              + bound.cause().getMessage()
              + "): choose another, or 0 for any");
    }
    listener = bound.channel();
  }

  static Proxy open(
      Proxies proxies,
      ProxyTransport transport,
      Target target,
      String address,
      int port,
      ProxyListener told) {
    InetAddress resolved;
    try {
      resolved = InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw RametException.local(
          ErrorKind.INVALID,
          "INVALID_ARGUMENT",
          "\"" + address + "\" is no address of this machine: give one as in 127.0.0.1");
    }
    return new Proxy(proxies, transport, target, new InetSocketAddress(resolved, port), told);
  }

  private ServerBootstrap bootstrap() {
    return new ServerBootstrap()
        .group(transport.loop())
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(1024, 8192, ProxyConnection.CHUNK)
                .maxMessagesPerRead(1))
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel socket) {
                socket.pipeline().addLast(new ProxyConnection(Proxy.this, socket));
              }
            });
  }

  /** What it listens on. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** The clone that new connections lead to, by the name that it had at the last connection. */
  public String target() {
    return target.name();
  }

  /** How many connections are open. */
  public int connections() {
    return connections.size();
  }

  /**
   * Lets the port lead to another clone: existing connections are closed in an orderly way, new
   * ones lead there. The old clone is not touched, so one can switch back.
   *
   * <p>Repeat: closes what is connected by then. On failure nothing is changed.
   *
   * @throws RametException NOT_FOUND where there is no such clone; PRECONDITION where it is not
   *     READY
   */
  public ProxySwitch switchTo(String next) {
    long begin = System.nanoTime();
    Target there = proxies.requireReady(next);
    try {
      return transport.run(() -> {
        String before = target.name();
        target = there;
        int closed = closeConnections();
        return new ProxySwitch(before, next, closed, Duration.ofNanos(System.nanoTime() - begin));
      });
    } catch (ExecutionException e) {
      throw broken(e);
    }
  }

  /** Stops listening and closes the connections. Repeat: nothing happens. */
  @Override
  public void close() {
    ChannelFuture unused = listener.close().awaitUninterruptibly();
    if (transport.loop().isShuttingDown()) {
      return;
    }
    try {
      int closed = transport.run(this::closeConnections);
      assert closed >= 0;
    } catch (ExecutionException e) {
      throw broken(e);
    }
  }

  private int closeConnections() {
    List<ProxyConnection> all = List.copyOf(connections);
    all.forEach(ProxyConnection::leave);
    return all.size();
  }

  private static IllegalStateException broken(ExecutionException e) {
    return new IllegalStateException("a fault of the client", e.getCause());
  }

  // --- for its connections, on the proxies' thread ---

  ProxyTransport transport() {
    return transport;
  }

  void opened(ProxyConnection connection) {
    connections.add(connection);
  }

  void closed(ProxyConnection connection) {
    connections.remove(connection);
  }

  Target leadsTo() {
    return target;
  }

  /** A connection to one was led to another: renamed, or deleted and made again. */
  void followed(Target asked, Target found) {
    if (!target.equals(asked)) {
      return; // switched meanwhile, or told already
    }
    target = found;
    if (!found.name().equals(asked.name())) {
      told.renamed(asked.name(), found.name());
    }
  }

  void failed(Throwable error) {
    told.failed(
        proxies
            .errors()
            .from(
                io.grpc.Status.fromThrowable(error)
                    .asRuntimeException(io.grpc.Status.trailersFromThrowable(error))));
  }
}
