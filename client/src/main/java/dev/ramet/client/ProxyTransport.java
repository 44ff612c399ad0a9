package dev.ramet.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The one thread of all proxies: it serves their local sockets, the connection to the coordinator,
 * and the calls on it, so that a byte that passes changes no thread.
 */
final class ProxyTransport implements AutoCloseable {
  /** The most of one connection that waits here for its reader; more is not sent. */
  private static final int WINDOW = 512 << 10;

  private static final int PATIENCE_SECONDS = 10;

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("ramet-proxy", true), NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final ManagedChannel channel;

  ProxyTransport(List<String> servers) {
    // without retries: a connection whose first bytes were sent must not be made twice
    channel =
        NettyChannelBuilder.forTarget(Addresses.target(servers))
            .usePlaintext()
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(group)
            .executor(loop)
            .flowControlWindow(WINDOW)
            .disableServiceConfigLookUp()
            .disableRetry()
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .build();
  }

  EventLoop loop() {
    return loop;
  }

  /** The coordinators; one that came back is tried at once. */
  ManagedChannel channel() {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  /** Does something short on the thread, and waits for it. */
  <T> T run(Callable<T> work) throws ExecutionException {
    try {
      return loop.submit(work).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RametException.local(ErrorKind.CANCELLED, "CANCELLED", "interrupted while waiting");
    } catch (TimeoutException e) {
      throw RametException.local(
          ErrorKind.TIMEOUT, "TIMEOUT", "the proxies' thread is busy: do its listeners block?");
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(500);
  }
}
