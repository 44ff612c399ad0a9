package dev.ramet.storage.linux;

/**
 * What a loop device shows of its file.
 *
 * @param blockSize logical block size, bytes: a file system made for smaller ones than the device's
 *     cannot be mounted
 * @param offset where it begins, bytes
 * @param size bytes; 0: to the end
 */
public record LoopShape(int blockSize, long offset, long size) {
  /** All of it, in blocks of {@link LoopDevices#BLOCK_SIZE}. */
  public static final LoopShape WHOLE = new LoopShape(LoopDevices.BLOCK_SIZE, 0, 0);
}
