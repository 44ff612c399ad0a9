package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.linux.LiveSnapshotContract;
import dev.ramet.storage.linux.LoopPoolExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Snapshots of live volumes, on a real btrfs. */
class BtrfsLiveSnapshotIT extends LiveSnapshotContract {
  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new BtrfsProvider(), ByteSize.ofMebi(640));

  @Override
  protected CowDriver open() {
    return new BtrfsProvider().open(POOL.pool());
  }
}
