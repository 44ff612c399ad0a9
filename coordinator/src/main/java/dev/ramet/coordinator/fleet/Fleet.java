package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.store.Leadership;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
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
  private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Deadlines deadlines;

  public Fleet(Deadlines deadlines) {
    this.deadlines = deadlines;
  }

  /** An agent for reading, and for calls that change nothing. */
  public Agent reader(String address) {
    return new GrpcAgent(address, channel(address), Optional.empty(), deadlines);
  }

  /** An agent whose mutating calls carry what shows that we lead. */
  public Agent leader(String address, Leadership leadership) {
    return new GrpcAgent(address, channel(address), Optional.of(leadership), deadlines);
  }

  private ManagedChannel channel(String address) {
    ManagedChannel channel = channels.computeIfAbsent(address, this::open);
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
  }
}
