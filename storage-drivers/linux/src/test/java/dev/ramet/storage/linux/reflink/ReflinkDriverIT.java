package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.PoolFiller;
import dev.ramet.storage.testkit.CowDriverContract;
import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, on a real XFS and real loop devices. */
class ReflinkDriverIT extends CowDriverContract {
  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new ReflinkProvider(), ByteSize.ofMebi(640));

  @Override
  protected CowDriver open() {
    return new ReflinkProvider().open(POOL.pool());
  }

  @Override
  protected AutoCloseable fillPool() throws IOException {
    return new PoolFiller(POOL.pool());
  }
}
