package dev.ramet.storage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.PoolFiller;
import dev.ramet.storage.testkit.CowDriverContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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

  @Test
  void aDevicePassesThePageCacheInBlocksOfItsFileSystem() throws IOException {
    VolumeId id = new VolumeId("direct");
    try (CowDriver driver = open()) {
      driver.createVolume(id, new VolumeSpec(ByteSize.ofMebi(64)));
      Attachment.BlockDevice on = (Attachment.BlockDevice) driver.attach(id);
      Path device = Path.of("/sys/block").resolve(on.device().getFileName());
      assertThat(device.resolve("loop/dio")).hasContent("1");
      assertThat(device.resolve("queue/logical_block_size")).hasContent("4096");
      driver.detach(id);
      driver.deleteVolume(id);
    }
  }
}
