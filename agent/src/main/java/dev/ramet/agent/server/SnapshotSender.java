package dev.ramet.agent.server;

import com.google.protobuf.UnsafeByteOperations;
import dev.ramet.proto.agent.v1.SnapshotChunk;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.nio.ByteBuffer;

/** Sends a snapshot's data in pieces, holes left out, as fast as the other side takes them. */
final class SnapshotSender {
  private static final int PIECE_BYTES = 1 << 20;

  private final CowDriver driver;
  private final SnapshotId id;

  SnapshotSender(CowDriver driver, SnapshotId id) {
    this.driver = driver;
    this.id = id;
  }

  void send(ServerStream<SnapshotChunk> stream) throws InterruptedException {
    Snapshot snapshot =
        driver
            .findSnapshot(id)
            .orElseThrow(() ->
                new StorageException(StorageError.NOT_FOUND, "no snapshot '%s'".formatted(id)));
    try (SnapshotReader reader = driver.read(id)) {
      stream.send(
          SnapshotChunk.newBuilder()
              .setSizeBytes(reader.size().bytes())
              .setDataBytes(reader.data().bytes())
              .setSource(snapshot.source().value())
              .build());
      while (true) {
        // a new buffer for each piece: the message keeps it until it is on the wire
        ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
        long offset = reader.read(buffer);
        if (offset < 0) {
          return;
        }
        stream.send(
            SnapshotChunk.newBuilder()
                .setOffset(offset)
                .setContent(UnsafeByteOperations.unsafeWrap(buffer.flip()))
                .build());
      }
    }
  }
}
