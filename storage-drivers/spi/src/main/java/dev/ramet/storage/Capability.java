package dev.ramet.storage;

/** What a driver may or may not do. */
public enum Capability {
  /** A volume is a block device with a file system of its own, not a directory of the pool's. */
  BLOCK_DEVICE,
  /** A clone's file system can be limited below its origin's size. */
  LIMIT,
  /** {@link CowDriver#usage} tells own from shared bytes. */
  USAGE,
  /** {@link CowDriver#growth} tells what a volume holds beyond its origin. */
  GROWTH,
  /** Snapshots can be read and written as streams, to copy them between hosts. */
  TRANSFER,
  /**
   * Its volumes are LUNs of arrays, attached by address: a {@link dev.ramet.storage.san.LunDriver}.
   */
  LUN
}
