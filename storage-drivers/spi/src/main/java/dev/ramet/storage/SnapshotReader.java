package dev.ramet.storage;

import java.nio.ByteBuffer;

/** Reads a snapshot's data from first to last, holes left out. Not safe for concurrent use. */
public interface SnapshotReader extends AutoCloseable {

  /** Virtual size of the snapshot. */
  ByteSize size();

  /** Bytes of data that will be read in all, as far as the pool can tell beforehand. */
  ByteSize data();

  /**
   * Reads the next piece of data into the buffer (from its position, at most its remaining room).
   *
   * @return where in the snapshot the first byte belongs; -1 at the end, with nothing read
   * @throws StorageException {@code IO}
   */
  long read(ByteBuffer into);

  @Override
  void close();
}
