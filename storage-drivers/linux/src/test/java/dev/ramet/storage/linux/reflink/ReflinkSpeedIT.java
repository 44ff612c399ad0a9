package dev.ramet.storage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import dev.ramet.storage.linux.LoopPoolExtension;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prints how long the verbs on the way of a clone take; the bound is only against the absurd. */
class ReflinkSpeedIT {
  private static final int ROUNDS = 40;

  @RegisterExtension
  static final LoopPoolExtension POOL =
      new LoopPoolExtension(new ReflinkProvider(), ByteSize.ofGibi(20));

  @Test
  void cloningAndAttachingTakesMillisecondsAtAnySize() {
    try (CowDriver driver = new ReflinkProvider().open(POOL.pool())) {
      double small = measure(driver, "g10", ByteSize.ofGibi(10));
      double large = measure(driver, "t1", ByteSize.ofGibi(1024));
      assertThat(small).isLessThan(250);
      assertThat(large).isLessThan(250);
    }
  }

  private static double measure(CowDriver driver, String name, ByteSize size) {
    VolumeId volume = new VolumeId(name);
    SnapshotId snapshot = new SnapshotId(name);
    long start = System.nanoTime();
    driver.createVolume(volume, new VolumeSpec(size));
    System.out.printf("%s: create %.1f ms%n", size, millis(start));
    driver.createSnapshot(snapshot, volume, SnapshotMode.DETACHED);
    driver.attach(volume);
    double[][] times = new double[5][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      VolumeId clone = new VolumeId(name + "." + round);
      times[0][round] = timed(() -> driver.cloneVolume(clone, snapshot, CloneSpec.LIKE_ORIGIN));
      times[1][round] = timed(() -> driver.attach(clone));
      times[2][round] = timed(() -> driver.detach(clone));
      times[3][round] = timed(() -> driver.deleteVolume(clone));
      SnapshotId live = new SnapshotId(name + ".live." + round);
      times[4][round] = timed(() -> driver.createSnapshot(live, volume, SnapshotMode.LIVE));
    }
    System.out.printf(
        "%s: clone %s, attach %s, detach %s, delete %s, live snapshot %s (median/p95/first ms)%n",
        size, words(times[0]), words(times[1]), words(times[2]), words(times[3]), words(times[4]));
    return median(times[0]) + median(times[1]);
  }

  private static double timed(Runnable verb) {
    long start = System.nanoTime();
    verb.run();
    return millis(start);
  }

  private static double millis(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static String words(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    return "%.2f/%.2f/%.1f".formatted(sorted[ROUNDS / 2], sorted[(int) (ROUNDS * 0.95)], times[0]);
  }
}
