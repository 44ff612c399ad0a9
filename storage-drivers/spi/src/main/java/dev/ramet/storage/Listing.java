package dev.ramet.storage;

import java.util.List;

/**
 * Everything a driver owns in its pool.
 *
 * @param volumes all volumes
 * @param snapshots all snapshots
 * @param leftovers what verbs that were cut short left behind, and what cannot be read
 */
public record Listing(List<Volume> volumes, List<Snapshot> snapshots, List<Leftover> leftovers) {

  /** Copies the lists. */
  public Listing {
    volumes = List.copyOf(volumes);
    snapshots = List.copyOf(snapshots);
    leftovers = List.copyOf(leftovers);
  }

  /**
   * A partial thing, or one that nothing can be said about.
   *
   * @param name what it is called in the pool
   * @param reason what it is and why it can go, or why it cannot be read
   */
  public record Leftover(String name, String reason) {}
}
