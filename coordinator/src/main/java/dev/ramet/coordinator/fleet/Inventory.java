package dev.ramet.coordinator.fleet;

import java.util.List;

/** Everything that Ramet owns on one host. */
public record Inventory(
    List<VolumeSeen> volumes,
    List<SnapshotSeen> snapshots,
    List<InstanceSeen> instances,
    List<Leftover> leftovers) {
  /** A snapshot on a host. */
  public record SnapshotSeen(String pool, String id) {}

  /** Something in a pool that is neither a whole volume nor a whole snapshot. */
  public record Leftover(String pool, String name, String reason) {}
}
