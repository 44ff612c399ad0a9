package dev.ramet.agent.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.config.PoolConfig;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.state.StateDir;
import dev.ramet.agent.storage.Pool;
import dev.ramet.agent.storage.Pools;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is on the disk is what a loss of power would leave: a copy of it, taken at that moment. */
@Timeout(60)
class InstanceMarkIT {
  private static final VolumeId VOLUME = new VolumeId("v");

  @TempDir Path dir;

  @Test
  void aMarkAndItsRemovalSurviveALossOfPower() throws Exception {
    Path folder = dir.resolve("pool");
    PoolConfig config = new PoolConfig("p", folder, "reflink", 1L << 30);
    try (StateDir state = StateDir.open(dir.resolve("state"));
        Pools pools =
            Pools.of(List.of(config), Pools.installedDrivers(), state, InstantSource.system())) {
      Pool pool = pools.get("p");
      CowDriver driver = pool.driver();
      try {
        driver.createVolume(VOLUME, new VolumeSpec(ByteSize.ofMebi(64)));
        Path root = driver.attach(VOLUME).path();
        InstanceMark mark = new InstanceMark(root, "v", "docker");
        mark.begin(true);
        assertThat(afterLossOfPower(driver, folder, "begun").resolve("ramet/instance"))
            .hasContent("v\ndocker\n");
        mark.ready("handle");
        assertThat(afterLossOfPower(driver, folder, "ready").resolve("ramet/instance"))
            .content()
            .startsWith("v\ndocker\n");
        mark.remove();
        assertThat(afterLossOfPower(driver, folder, "removed").resolve("ramet/instance"))
            .doesNotExist();
      } finally {
        pool.list().volumes().forEach(volume -> driver.detach(volume.id()));
        pool.release();
      }
    }
  }

  private static Path afterLossOfPower(CowDriver driver, Path pool, String name) throws Exception {
    Path volumes = pool.resolve("volumes");
    String from = volumes.resolve("v.raw").toString();
    String to = volumes.resolve(name + ".raw").toString();
    Command copy = Command.of("cp", "--reflink=always", from, to);
    assertThat(Commands.run(copy, Duration.ofSeconds(10)).ok()).isTrue();
    return driver.attach(new VolumeId(name)).path();
  }
}
