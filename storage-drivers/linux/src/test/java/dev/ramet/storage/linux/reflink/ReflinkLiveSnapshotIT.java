package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.linux.LiveSnapshotContract;
import dev.ramet.storage.linux.LoopPoolExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Snapshots of live volumes, on a real XFS and loop devices with direct I/O. */
class ReflinkLiveSnapshotIT extends LiveSnapshotContract {
  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new ReflinkProvider(), ByteSize.ofMebi(640));

  @Override
  protected CowDriver open() {
    return new ReflinkProvider().open(POOL.pool());
  }
}
