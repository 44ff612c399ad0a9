package dev.ramet.storage.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.btrfs.BtrfsProvider;
import dev.ramet.storage.linux.reflink.ReflinkProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A process that drives a pool is killed with SIGKILL at random instants: what is left is known,
 * whole snapshots are readable, and all of it can be removed.
 */
class KilledProcessIT {
  private static final int KILLS = 6;
  private static final long LONGEST_LIFE = 400;

  @RegisterExtension
  static final LoopPoolExtension XFS =
      new LoopPoolExtension(new ReflinkProvider(), ByteSize.ofMebi(640));

  @RegisterExtension
  static final LoopPoolExtension BTRFS =
      new LoopPoolExtension(new BtrfsProvider(), ByteSize.ofMebi(640));

  @Test
  void aKilledReflinkDriverLeavesNothingUnknown() throws Exception {
    killAndLook(new ReflinkProvider(), XFS.pool());
  }

  @Test
  void aKilledBtrfsDriverLeavesNothingUnknown() throws Exception {
    killAndLook(new BtrfsProvider(), BTRFS.pool());
  }

  private static void killAndLook(CowDriverProvider provider, Path pool) throws Exception {
    long seed = Long.getLong("ramet.seed", System.nanoTime());
    System.out.println("seed: -Dramet.seed=" + seed);
    Random random = new Random(seed);
    for (int kill = 0; kill < KILLS; kill++) {
      runAndKill(provider.name(), pool, random.nextLong(LONGEST_LIFE));
      try (CowDriver driver = provider.open(pool)) {
        assertDevicesAreMounted(pool);
        for (Snapshot snapshot : driver.list().snapshots()) {
          assertReadable(driver, snapshot);
        }
        removeAll(driver);
        assertThat(driver.list()).isEqualTo(new Listing(List.of(), List.of(), List.of()));
      }
      assertThat(LoopPoolExtension.names(pool)).as("seed %d", seed).isEmpty();
    }
  }

  private static void runAndKill(String driver, Path pool, long millis) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledChild.class.getName(),
                driver,
                pool.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(child.inputReader().readLine()).isEqualTo("running");
      assertThat(child.waitFor(millis, TimeUnit.MILLISECONDS)).as("ended by itself").isFalse();
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  /** An mkfs that outlives its parent for an instant keeps its device that long. */
  private static void assertDevicesAreMounted(Path pool) throws IOException {
    LoopDevices loops = new LoopDevices(new JnaKernel());
    assertThat(
            Waits.until(
                () -> {
                  int mounts = LoopPoolExtension.mountsBelow(pool.resolve("mnt")).size();
                  return loops.backedBelow(pool).size() <= mounts;
                },
                Duration.ofSeconds(5)))
        .as("loop devices that nobody has mounted: %s", loops.backedBelow(pool))
        .isTrue();
  }

  private static void assertReadable(CowDriver driver, Snapshot snapshot) {
    VolumeId proof = new VolumeId("proof");
    driver.cloneVolume(proof, snapshot.id(), CloneSpec.LIKE_ORIGIN);
    assertThat(driver.attach(proof).path().resolve("greeting")).hasContent("whole");
    driver.detach(proof);
    driver.deleteVolume(proof);
  }

  private static void removeAll(CowDriver driver) {
    for (Volume volume : driver.list().volumes()) {
      driver.detach(volume.id());
      driver.deleteVolume(volume.id());
    }
    driver.list().snapshots().forEach(snapshot -> driver.deleteSnapshot(snapshot.id()));
    for (Listing.Leftover leftover : driver.list().leftovers()) {
      remove(driver, leftover);
    }
  }

  /** A leftover's name ends in the id that clears it, as the listing's contract has it. */
  private static void remove(CowDriver driver, Listing.Leftover leftover) {
    String name = Path.of(leftover.name()).getFileName().toString().replace(".new.", "");
    driver.detach(new VolumeId(name));
    driver.deleteVolume(new VolumeId(name));
    driver.deleteSnapshot(new SnapshotId(name));
  }
}
