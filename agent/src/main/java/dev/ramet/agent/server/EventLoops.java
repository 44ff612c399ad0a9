package dev.ramet.agent.server;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that serve gRPC's sockets. Calls of tunnels are run on the thread of the connection
 * that they came by, so that a byte that passes changes no thread; all other calls may block and
 * have threads of their own.
 *
 * <p>NIO, not epoll: Netty's epoll reads all that there is once the peer has closed, asked or not.
 */
final class EventLoops implements AutoCloseable {
  /**
   * The most of one stream that waits here for its reader; more is not sent. Hundreds of slow
   * readers have to fit into MaxDirectMemorySize.
   */
  private static final int WINDOW = 128 << 10;

  private static final Attributes.Key<EventLoop> LOOP = Attributes.Key.create("event-loop");

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(),
          new DefaultThreadFactory("grpc", true),
          NioIoHandler.newFactory());

  /** A server on these threads. */
  NettyServerBuilder server(SocketAddress address) {
    return NettyServerBuilder.forAddress(address)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        .channelType(NioServerSocketChannel.class)
        .flowControlWindow(WINDOW)
        .addTransportFilter(new LoopFilter())
        .callExecutor(new TunnelExecutors());
  }

  /** The one whose thread this is; for calls of tunnels it is always one. */
  EventLoop current() {
    EventLoop found = find();
    if (found == null) {
      throw new IllegalStateException("not on a thread of the gRPC server");
    }
    return found;
  }

  private @Nullable EventLoop find() {
    for (EventExecutor loop : group) {
      if (loop.inEventLoop()) {
        return (EventLoop) loop;
      }
    }
    return null;
  }

  @Override
  public void close() {
    var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Writes down for each connection which thread serves it. */
  private final class LoopFilter extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes attributes) {
      EventLoop loop = find();
      return loop == null ? attributes : attributes.toBuilder().set(LOOP, loop).build();
    }
  }

  private final class TunnelExecutors implements ServerCallExecutorSupplier {
    @Override
    public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
      if (!TunnelEndpoint.serves(call.getMethodDescriptor())) {
        return null;
      }
      EventLoop loop = call.getAttributes().get(LOOP);
      return loop == null ? group.next() : loop;
    }
  }
}
