package dev.ramet.storage.linux;

import com.sun.jna.Memory;

/**
 * {@code struct loop_config} with {@code struct loop_info64} inside (include/uapi/linux/loop.h):
 * fd, block size, 232 bytes of info, 64 bytes reserved.
 */
final class LoopConfiguration {
  private static final int SIZE = 304;
  private static final int FLAGS = 8 + 52;
  private static final int AUTOCLEAR = 4;
  private static final int DIRECT_IO = 16;

  private LoopConfiguration() {}

  static Memory of(int backing, int blockSize) {
    Memory config = new Memory(SIZE);
    config.clear();
    config.setInt(0, backing);
    config.setInt(4, blockSize);
    config.setInt(FLAGS, AUTOCLEAR | DIRECT_IO);
    return config;
  }
}
