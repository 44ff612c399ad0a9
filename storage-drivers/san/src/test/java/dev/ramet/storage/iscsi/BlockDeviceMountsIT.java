package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.Attachment.BlockDevice;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LUNs that are block devices of the kernel's, as open-iscsi has them; here a loop device. */
class BlockDeviceMountsIT {
  private static final VolumeId ID = new VolumeId("c.1");

  @TempDir Path directory;
  private LunMounts mounts;
  private Layout layout;
  private Path lun;

  @BeforeEach
  void start() throws IOException {
    Kernel kernel = new JnaKernel();
    layout = new Layout(Files.createDirectory(directory.toRealPath().resolve("pool")));
    Files.createDirectories(layout.luns());
    Files.createDirectories(layout.mounts());
    mounts =
        new LunMounts(
            kernel,
            layout,
            new FileSystemProbe(new HostPrograms()),
            new PatientCalls(Duration.ofSeconds(5)));
  }

  private void disk(Path file) throws IOException {
    lun = Path.of(Lab.run("losetup", "--find", "--show", file.toString()).strip());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    Lab.run("losetup", "--detach", lun.toString()); // when its last user is gone
    assertThat(mounts.unmount(ID, () -> {})).isEmpty();
    assertThat(new SanLab(layout.root()).mounts()).isEmpty();
    assertThat(Lab.run("losetup", "--list", "--noheadings")).doesNotContain(lun + " ");
  }

  @Test
  void aFileSystemOfItsOwnIsMountedAsItIs() throws IOException {
    Files.createDirectory(layout.lun(ID));
    disk(Lab.xfs(layout.disk(ID))); // else it would be taken for a stranger's
    Attachment attachment = mounts.mount(ID, lun, () -> {});
    assertThat(attachment).isEqualTo(new BlockDevice(layout.mount(ID), lun));
    assertThat(mounts.find(ID)).contains((BlockDevice) attachment);
    Files.writeString(attachment.path().resolve("greeting"), "hello");
  }

  @Test
  void aPartitionIsMountedByALoopDevice() throws IOException {
    Path content = Lab.ext4(directory.resolve("content"), 1024);
    disk(Lab.partitioned(directory.resolve("disk"), content));
    Attachment attachment = mounts.mount(ID, lun, () -> {});
    assertThat(((BlockDevice) attachment).device()).isNotEqualTo(lun);
    assertThat(mounts.find(ID)).contains((BlockDevice) attachment);
    Files.writeString(attachment.path().resolve("greeting"), "hello");
  }
}
