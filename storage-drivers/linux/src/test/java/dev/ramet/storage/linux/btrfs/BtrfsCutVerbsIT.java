package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.linux.CutVerbsContract;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.Mkfs;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every verb of the btrfs driver, cut between any two system calls. */
class BtrfsCutVerbsIT extends CutVerbsContract {
  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new BtrfsProvider(), ByteSize.ofMebi(640));

  @Override
  protected Path pool() {
    return POOL.pool();
  }

  @Override
  protected CowDriver open(Kernel kernel, Mkfs mkfs) {
    return new BtrfsDriver(kernel, POOL.pool());
  }

  @Override
  protected CloneSpec cloneSpec() {
    return CloneSpec.LIKE_ORIGIN;
  }
}
