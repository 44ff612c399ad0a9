package dev.ramet.storage.iscsi;

import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.LoopShape;

/**
 * A file system that was found on a LUN.
 *
 * @param type "ext4", "xfs"
 * @param blockSize the smallest piece it reads or writes, bytes
 * @param offset where it begins on the LUN, bytes
 * @param size of its partition, bytes; 0: to the LUN's end
 */
record FileSystem(String type, int blockSize, long offset, long size) {

  /** Whether it has the LUN to itself. */
  boolean whole() {
    return offset == 0 && size == 0;
  }

  /**
   * A loop device for it: of the largest blocks that it can live with, for those are the cheapest.
   */
  LoopShape shape() {
    int aligned = offset % LoopDevices.BLOCK_SIZE == 0 ? LoopDevices.BLOCK_SIZE : 512;
    return new LoopShape(
        Math.min(aligned, Math.min(blockSize, LoopDevices.BLOCK_SIZE)), offset, size);
  }

  /** Options of mount(8) for it. */
  String options() {
    return switch (type) {
      // as on volumes of this host: no background work in clones, no writes after an error
      case "ext4" -> "noinit_itable,errors=remount-ro,noblock_validity";
      case "xfs" -> "nouuid"; // its origin, or another clone of it, may be mounted here too
      default -> "";
    };
  }
}
