package dev.ramet.storage.linux;

import dev.ramet.storage.ByteSize;
import java.io.IOException;
import java.nio.file.Path;

/** Makes file systems on block devices of 4096-byte blocks. Starts a process each time. */
public interface Mkfs {

  /**
   * An ext4 for a volume: nothing is written that can wait, no reserve for root.
   *
   * @param size the device's size
   */
  void ext4(Path device, ByteSize size) throws IOException;

  /** An XFS with reflink. */
  void xfs(Path device) throws IOException;

  /** A btrfs. */
  void btrfs(Path device) throws IOException;
}
