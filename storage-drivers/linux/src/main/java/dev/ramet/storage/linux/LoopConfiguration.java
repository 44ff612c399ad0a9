package dev.ramet.storage.linux;

import com.sun.jna.Memory;

/**
 * {@code struct loop_config} with {@code struct loop_info64} inside (include/uapi/linux/loop.h):
 * fd, block size, 232 bytes of info, 64 bytes reserved.
 */
final class LoopConfiguration {
  private static final int SIZE = 304;
  private static final int OFFSET = 8 + 24;
  private static final int SIZE_LIMIT = 8 + 32;
  private static final int FLAGS = 8 + 52;
  private static final int AUTOCLEAR = 4;
  private static final int DIRECT_IO = 16;

  private LoopConfiguration() {}

  static Memory of(int backing, LoopShape shape) {
    Memory config = new Memory(SIZE);
    config.clear();
    config.setInt(0, backing);
    config.setInt(4, shape.blockSize());
    config.setLong(OFFSET, shape.offset());
    config.setLong(SIZE_LIMIT, shape.size());
    config.setInt(FLAGS, AUTOCLEAR | DIRECT_IO);
    return config;
  }
}
