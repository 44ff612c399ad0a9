package dev.ramet.storage.linux;

import com.sun.jna.Memory;

/**
 * {@code struct fiemap} with its array of {@code struct fiemap_extent}
 * (include/uapi/linux/fiemap.h).
 */
final class ExtentMap {
  private static final int HEADER = 32;
  private static final int ENTRY = 56;
  private static final int ENTRIES = 512;

  /** {@code FIEMAP_FLAG_SYNC}: write out delayed allocations first. */
  private static final int SYNC = 1;

  private static final int LAST = 1;
  private static final int UNWRITTEN = 0x800;
  private static final int SHARED = 0x2000;

  private ExtentMap() {}

  static Memory request(long offset) {
    Memory map = new Memory(HEADER + (long) ENTRY * ENTRIES);
    map.clear(HEADER);
    map.setLong(0, offset);
    map.setLong(8, Long.MAX_VALUE - offset);
    map.setInt(16, SYNC);
    map.setInt(24, ENTRIES);
    return map;
  }

  static int count(Memory map) {
    return map.getInt(20);
  }

  static Extent extent(Memory map, int index) {
    long at = HEADER + (long) ENTRY * index;
    int flags = map.getInt(at + 40);
    return new Extent(
        map.getLong(at),
        map.getLong(at + 8),
        map.getLong(at + 16),
        (flags & SHARED) != 0,
        (flags & UNWRITTEN) != 0,
        (flags & LAST) != 0);
  }
}
