package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.store.Leadership;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * All agents, by address. Channels are made when first needed and kept.
 *
 * <p>The shaded builder is named on purpose: jetcd brings the unshaded one too, and which of them
 * {@code ManagedChannelBuilder} would find is luck.
 */
public final class Fleet implements AutoCloseable {
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Map<TunnelPath, ManagedChannel> tunnels = new ConcurrentHashMap<>();
  private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Deadlines deadlines;
  private final EventLoops loops;

  /** Tunnels of one event loop to one agent. */
  private record TunnelPath(String address, EventLoop loop) {}

  /**
   * @param loops whose threads tunnels run on
   */
  public Fleet(Deadlines deadlines, EventLoops loops) {
    this.deadlines = deadlines;
    this.loops = loops;
  }

  /** An agent for reading, and for calls that change nothing. */
  public Agent reader(String address) {
    return new GrpcAgent(address, channel(address), Optional.empty(), deadlines);
  }

  /**
   * As {@link #reader(String)}.
   *
   * @param look how long a look may take
   */
  public Agent reader(String address, Duration look) {
    return new GrpcAgent(address, channel(address), Optional.empty(), deadlines.withLook(look));
  }

  /** An agent whose mutating calls carry what shows that we lead. */
  public Agent leader(String address, Leadership leadership) {
    return new GrpcAgent(address, channel(address), Optional.of(leadership), deadlines);
  }

  /**
   * Begins a connection to an instance. Does not block; to be called on an event loop, which the
   * listener is told on.
   */
  public Tunnel tunnel(String address, String instance, Tunnel.Listener listener) {
    EventLoop loop = loops.current();
    ManagedChannel channel =
        fresh(tunnels.computeIfAbsent(new TunnelPath(address, loop), this::openTunnels));
    return GrpcTunnel.open(address, channel, loop, instance, listener);
  }

  private ManagedChannel openTunnels(TunnelPath path) {
    return EventLoops.client("dns:///" + path.address(), path.loop())
        .usePlaintext()
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .disableRetry()
        .build();
  }

  private ManagedChannel channel(String address) {
    return fresh(channels.computeIfAbsent(address, this::open));
  }

  private static ManagedChannel fresh(ManagedChannel channel) {
    // An agent that came back is tried at once, not after gRPC's back-off: who repeats is
    // reconcile.
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  private ManagedChannel open(String address) {
    return NettyChannelBuilder.forTarget("dns:///" + address)
        .usePlaintext()
        .executor(executor)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .disableRetry()
        .build();
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    tunnels.values().forEach(ManagedChannel::shutdownNow);
  }
}
