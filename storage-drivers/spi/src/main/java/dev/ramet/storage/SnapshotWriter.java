package dev.ramet.storage;

import java.nio.ByteBuffer;

/** Fills a snapshot that comes from elsewhere. Not safe for concurrent use. */
public interface SnapshotWriter extends AutoCloseable {

  /**
   * Writes all that remains in the buffer at the offset.
   *
   * @throws StorageException {@code POOL_FULL}, {@code IO}, {@code OUT_OF_RANGE} beyond the size
   */
  void write(long offset, ByteBuffer content);

  /** Makes the snapshot exist, durably and whole. At most once. */
  Snapshot commit();

  /** Drops what was written, unless it was committed. */
  @Override
  void close();
}
