package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.linux.CutVerbsContract;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.Mkfs;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every verb of the reflink driver, cut between any two system calls. */
class ReflinkCutVerbsIT extends CutVerbsContract {
  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new ReflinkProvider(), ByteSize.ofMebi(640));

  @Override
  protected Path pool() {
    return POOL.pool();
  }

  @Override
  protected CowDriver open(Kernel kernel, Mkfs mkfs) {
    return new ReflinkDriver(kernel, mkfs, new PoolLayout(POOL.pool()), Duration.ofSeconds(5));
  }

  @Override
  protected CloneSpec cloneSpec() {
    return new CloneSpec(ByteSize.ofMebi(32));
  }
}
