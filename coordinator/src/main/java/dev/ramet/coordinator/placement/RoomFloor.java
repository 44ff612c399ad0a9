package dev.ramet.coordinator.placement;

import dev.ramet.coordinator.placement.HostView.PoolView;

/** What must stay free in a pool that something new is placed in: the greater of the two. */
public record RoomFloor(long bytes, double fraction) {
  private static final double DATA_MARGIN = 1.2;

  boolean holds(PoolView pool, long newBytes) {
    return pool.freeBytes() >= required(pool, newBytes);
  }

  long required(PoolView pool, long newBytes) {
    long floor = Math.max(bytes, (long) (fraction * pool.totalBytes()));
    return Math.max(floor, (long) (newBytes * DATA_MARGIN));
  }
}
