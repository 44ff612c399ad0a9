package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.VolumeId;
import dev.ramet.storage.iscsi.Tgt.Export;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.san.LunDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that attaches and detaches is killed with SIGKILL at random instants, while it starts
 * programs too: what is left can be attached or detached by the next.
 */
class KilledProcessIT {
  private static final int KILLS = 8;
  private static final long LONGEST_LIFE = 400;
  private static final VolumeId ID = new VolumeId("c.1");

  @TempDir Path directory;

  @Test
  void aKilledDriverLeavesNothingThatCannotBeCleared() throws Exception {
    long seed = Long.getLong("ramet.seed", System.nanoTime());
    System.out.println("seed: -Dramet.seed=" + seed);
    Random random = new Random(seed);
    SanLab lab = new SanLab(Files.createDirectory(directory.toRealPath().resolve("pool")));
    try (Tgt tgt = Tgt.start(directory)) {
      Export export = tgt.export(Lab.ext4(directory.resolve("disk")));
      for (int kill = 0; kill < KILLS; kill++) {
        runAndKill(lab.pool(), tgt, export, random.nextLong(LONGEST_LIFE));
        LunDriver driver =
            QemuTransportLab.open(
                lab.pool(), new JnaKernel(), new HostPrograms(), Duration.ofSeconds(5));
        if (random.nextBoolean()) {
          driver.attach(ID, tgt.address(export));
          assertThat(driver.list().volumes()).as("seed %d", seed).hasSize(1);
        }
        driver.detach(ID);
        lab.assertNothingLeft(tgt);
      }
    }
  }

  private static void runAndKill(Path pool, Tgt tgt, Export export, long millis) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledChild.class.getName(),
                pool.toString(),
                tgt.portal(),
                export.iqn(),
                export.wwid())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(child.inputReader().readLine()).isEqualTo("running");
      assertThat(child.waitFor(millis, TimeUnit.MILLISECONDS)).as("ended by itself").isFalse();
    } finally {
      Lab.kill(child);
    }
  }
}
