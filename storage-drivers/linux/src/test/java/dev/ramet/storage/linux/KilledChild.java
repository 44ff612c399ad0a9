package dev.ramet.storage.linux;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;

/** Runs verbs on a pool, as fast as it can, until it is killed. */
public final class KilledChild {
  private KilledChild() {}

  /**
   * @param arguments driver's name, pool
   */
  public static void main(String[] arguments) throws IOException {
    CowDriverProvider provider =
        ServiceLoader.load(CowDriverProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals(arguments[0]))
            .findFirst()
            .orElseThrow();
    try (CowDriver driver = provider.open(Path.of(arguments[1]))) {
      System.out.println("running");
      for (int round = 0; ; round++) {
        lifeOfOne(driver, round);
      }
    }
  }

  private static void lifeOfOne(CowDriver driver, int round) throws IOException {
    VolumeId source = new VolumeId("source." + round);
    SnapshotId snapshot = new SnapshotId("snapshot." + round);
    VolumeId clone = new VolumeId("clone." + round);
    driver.createVolume(source, new VolumeSpec(ByteSize.ofMebi(64)));
    Path root = driver.attach(source).path();
    Files.writeString(root.resolve("greeting"), "whole");
    driver.detach(source);
    driver.createSnapshot(snapshot, source, SnapshotMode.DETACHED);
    driver.deleteVolume(source);
    for (int again = 0; again < 3; again++) {
      driver.cloneVolume(clone, snapshot, CloneSpec.LIKE_ORIGIN);
      Files.writeString(driver.attach(clone).path().resolve("mine"), "written");
      driver.detach(clone);
      driver.deleteVolume(clone);
    }
    driver.deleteSnapshot(snapshot);
  }
}
