package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.MountTable;
import dev.ramet.storage.linux.Waits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A pool of LUNs in a directory of the test's, and what is left of its LUNs on the host. */
record SanLab(Path pool) {

  void assertNothingLeft(Tgt tgt) throws IOException {
    assertNothingLeft();
    assertThat(Waits.until(() -> tgt.sessions() == 0, Duration.ofSeconds(5)))
        .as("sessions at the target")
        .isTrue();
  }

  void assertNothingLeft() throws IOException {
    assertThat(mounts()).as("mounts").isEmpty();
    assertThat(new LoopDevices(new JnaKernel()).backedBelow(pool)).as("loop devices").isEmpty();
    assertThat(daemons()).as("processes").isEmpty();
    assertThat(Lab.names(pool.resolve("luns"))).as("luns").isEmpty();
    assertThat(Lab.names(pool.resolve("mnt"))).as("mnt").isEmpty();
  }

  List<String> mounts() throws IOException {
    return MountTable.read().mounts().stream()
        .map(mount -> mount.target().toString())
        .filter(target -> target.startsWith(pool.toString()))
        .toList();
  }

  /** Processes that work for LUNs of the pool. */
  List<String> daemons() throws IOException {
    return Lab.commandsWith(pool.resolve("luns").toString());
  }

  List<ProcessHandle> daemons(VolumeId id) throws IOException {
    return Lab.commandsWith(pool.resolve("luns").resolve(id.value()).toString() + "/").stream()
        .map(line -> ProcessHandle.of(Long.parseLong(line.split(" ")[0])).orElseThrow())
        .toList();
  }
}
