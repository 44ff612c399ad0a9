package dev.ramet.storage.san;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.VolumeId;
import java.util.List;

/**
 * A volume of ours on an array, as it is.
 *
 * @param id its id
 * @param origin the snapshot that it was cloned from, which may be gone
 * @param size virtual size
 * @param initiators iSCSI names of those who have access, sorted
 */
public record ArrayVolume(VolumeId id, SnapshotId origin, ByteSize size, List<String> initiators) {
  /** Copies and sorts. */
  public ArrayVolume {
    initiators = initiators.stream().sorted().toList();
  }
}
