package dev.ramet.coordinator.fleet;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that serve the sockets of the gRPC server, and those of tunnels to agents. What comes
 * by a client's connection goes on to the agent on the same thread: each loop has channels of its
 * own. docs/design/0008-proxy.md says what that saves.
 */
public final class EventLoops implements AutoCloseable {
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

  /**
   * A server on these threads.
   *
   * @param service its calls run on the event loop of the connection that they came by, and must
   *     not block; all others run where the server's executor says
   */
  public NettyServerBuilder server(SocketAddress address, String service) {
    return NettyServerBuilder.forAddress(address)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        .channelType(NioServerSocketChannel.class)
        .flowControlWindow(WINDOW)
        .addTransportFilter(new LoopFilter())
        .callExecutor(new LoopExecutors(service));
  }

  /** A channel whose socket and calls are served by one loop. */
  static NettyChannelBuilder client(String target, EventLoop loop) {
    return NettyChannelBuilder.forTarget(target)
        .eventLoopGroup(loop)
        .channelType(NioSocketChannel.class)
        .executor(loop)
        .flowControlWindow(WINDOW);
  }

  /** The one whose thread this is. */
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

  private final class LoopExecutors implements ServerCallExecutorSupplier {
    private final String service;

    LoopExecutors(String service) {
      this.service = service;
    }

    @Override
    public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
      if (!service.equals(call.getMethodDescriptor().getServiceName())) {
        return null;
      }
      EventLoop loop = call.getAttributes().get(LOOP);
      return loop == null ? group.next() : loop;
    }
  }
}
