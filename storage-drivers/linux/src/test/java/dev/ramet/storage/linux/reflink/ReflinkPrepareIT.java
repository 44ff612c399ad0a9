package dev.ramet.storage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.PoolStatus;
import dev.ramet.storage.linux.CutKernel;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.LoopPool;
import dev.ramet.storage.linux.LoopPoolExtension;
import dev.ramet.storage.linux.PlainFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preparing and releasing a pool, killed before each system call and then repeated. */
class ReflinkPrepareIT {
  private static final ByteSize SIZE = ByteSize.ofMebi(400);

  @TempDir(factory = PlainFolder.class)
  Path directory;

  private final ReflinkProvider provider = new ReflinkProvider();

  private Path pool() {
    return directory.resolve("pool");
  }

  @AfterEach
  void release() throws IOException {
    provider.release(pool());
    assertThat(LoopPoolExtension.mountsBelow(directory)).isEmpty();
    assertThat(devices()).isZero();
  }

  private int devices() throws IOException {
    return new LoopDevices(new JnaKernel()).backedBelow(directory).size();
  }

  @Test
  void preparingSurvivesEveryCut() throws IOException {
    for (int calls = 0; ; calls++) {
      provider.release(pool());
      Files.deleteIfExists(LoopPool.image(pool()));
      boolean done = completes(new CutKernel(calls), cut -> cut.prepare(pool(), SIZE));
      assertThat(devices()).isEqualTo(LoopPoolExtension.mountsBelow(directory).size());
      provider.prepare(pool(), SIZE);
      assertThat(devices()).isEqualTo(1);
      assertThat(provider.supports(pool())).isTrue();
      if (done) {
        assertThat(calls).isGreaterThan(10);
        return;
      }
    }
  }

  @Test
  void releasingSurvivesEveryCut() throws IOException {
    boolean done = false;
    for (int calls = 0; !done; calls++) {
      provider.prepare(pool(), SIZE);
      done = completes(new CutKernel(calls), cut -> cut.release(pool()));
      provider.release(pool());
      assertThat(devices()).isZero();
      assertThat(LoopPool.image(pool())).exists();
    }
  }

  @Test
  void aPoolPromisesNoMoreRoomThanTheDiskBelowItHas() throws IOException {
    long below = Files.getFileStore(directory).getUsableSpace();
    ByteSize more = new ByteSize(below + ByteSize.ofGibi(16).bytes());
    provider.prepare(pool(), more);
    try (CowDriver driver = provider.open(pool())) {
      PoolStatus status = driver.status();
      assertThat(status.total()).isGreaterThan(new ByteSize(below));
      // others write to that disk meanwhile
      assertThat(status.free()).isLessThan(new ByteSize(below + ByteSize.ofGibi(8).bytes()));
    }
  }

  private interface Verb {
    void on(ReflinkProvider provider);
  }

  private static boolean completes(CutKernel cut, Verb verb) {
    try {
      verb.on(new ReflinkProvider(cut.kernel(), cut.mkfs()));
      return true;
    } catch (CutKernel.Killed e) {
      return false;
    }
  }
}
