package dev.ramet.storage.san;

import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import java.nio.file.Path;

/** A driver whose volumes are raw files: a target can export them as they are. */
public interface RawFileDriver extends CowDriver {

  /** Where a volume's content is, whether it is there or not. */
  Path file(VolumeId id);

  /**
   * A snapshot of somebody else's raw file, on the file system of the pool. The file may be written
   * to: the snapshot is of one instant. Repeat: the same. Cost: independent of its size. The
   * snapshot's source is its own id.
   *
   * @throws StorageException {@code NOT_FOUND}; {@code INVALID_ARGUMENT} where the file is no raw
   *     file or on another file system; {@code ALREADY_EXISTS}; {@code POOL_FULL}
   */
  Snapshot importSnapshot(SnapshotId id, Path file);
}
