package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What attaching costs; the bounds are loose, for machines that do other things too. */
class QemuSpeedIT {
  private static final int ROUNDS = 15;
  private static final VolumeId ID = new VolumeId("c.1");

  @TempDir Path directory;

  @Test
  void attachingAndDetachingTakeFractionsOfASecond() throws IOException {
    Path pool = Files.createDirectory(directory.toRealPath().resolve("pool"));
    LunDriver driver =
        QemuTransportLab.open(pool, new JnaKernel(), new HostPrograms(), Duration.ofSeconds(20));
    try (Tgt tgt = Tgt.start(directory)) {
      for (Path disk : new Path[] {Lab.ext4(disk("ext4")), Lab.xfs(disk("xfs"))}) {
        measure(driver, disk.getFileName().toString(), tgt.address(tgt.export(disk)));
      }
    }
  }

  private Path disk(String name) {
    return directory.resolve(name);
  }

  private static void measure(LunDriver driver, String name, LunAddress address) {
    long[] attach = new long[ROUNDS];
    long[] detach = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      driver.attach(ID, address);
      long attached = System.nanoTime();
      driver.detach(ID);
      attach[round] = attached - begin;
      detach[round] = System.nanoTime() - attached;
    }
    Arrays.sort(attach);
    Arrays.sort(detach);
    System.out.printf(
        "%s: attach %.1f ms, detach %.1f ms (medians of %d)%n",
        name, attach[ROUNDS / 2] / 1e6, detach[ROUNDS / 2] / 1e6, ROUNDS);
    assertThat(Duration.ofNanos(attach[ROUNDS / 2])).isLessThan(Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(detach[ROUNDS / 2])).isLessThan(Duration.ofSeconds(1));
  }
}
