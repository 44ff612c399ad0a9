package dev.ramet.agent.server;

import dev.ramet.proto.agent.v1.ReadSnapshotRequest;
import dev.ramet.proto.agent.v1.SnapshotChunk;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Other agents, as sources of snapshots. A connection lives as long as one reading. */
final class PeerAgents {

  /** A snapshot that is being read; taking the next chunk blocks. */
  static final class Reading implements AutoCloseable {
    private final ManagedChannel channel;
    private final Context.CancellableContext context;
    private final Iterator<SnapshotChunk> chunks;

    private Reading(
        ManagedChannel channel,
        Context.CancellableContext context,
        Iterator<SnapshotChunk> chunks) {
      this.channel = channel;
      this.context = context;
      this.chunks = chunks;
    }

    Iterator<SnapshotChunk> chunks() {
      return chunks;
    }

    @Override
    public void close() {
      context.cancel(null);
      channel.shutdownNow();
    }
  }

  /** Begins to read; errors come when the first chunk is taken. */
  Reading read(String address, ReadSnapshotRequest request) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(address)
            .usePlaintext()
            .keepAliveTime(10, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .build();
    // detached from the call that asked for it, which may end before
    Context.CancellableContext context = Context.ROOT.withCancellation();
    Context before = context.attach();
    try {
      return new Reading(
          channel, context, VolumeServiceGrpc.newBlockingStub(channel).readSnapshot(request));
    } finally {
      context.detach(before);
    }
  }
}
