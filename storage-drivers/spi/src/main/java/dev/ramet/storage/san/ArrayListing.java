package dev.ramet.storage.san;

import dev.ramet.storage.Listing.Leftover;
import dev.ramet.storage.Snapshot;
import java.util.List;

/**
 * What is ours on an array.
 *
 * @param volumes all volumes
 * @param snapshots all snapshots
 * @param leftovers what verbs that were cut short left behind, and what cannot be read
 */
public record ArrayListing(
    List<ArrayVolume> volumes, List<Snapshot> snapshots, List<Leftover> leftovers) {
  /** Copies the lists. */
  public ArrayListing {
    volumes = List.copyOf(volumes);
    snapshots = List.copyOf(snapshots);
    leftovers = List.copyOf(leftovers);
  }
}
