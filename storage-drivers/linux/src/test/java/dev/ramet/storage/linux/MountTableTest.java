package dev.ramet.storage.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.linux.MountTable.Mount;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
  @Test
  void aLineIsRead() {
    assertThat(
            MountTable.parse(
                "44 27 7:3 / /pool/mnt/a\\040b rw,nosuid shared:5 - ext4 /dev/loop3"
                    + " rw,errors=remount-ro"))
        .isEqualTo(new Mount(Path.of("/pool/mnt/a b"), "7:3", "ext4", "/dev/loop3"));
  }

  @Test
  void theLaterOfTwoIsOnTop() {
    Mount below = new Mount(Path.of("/a"), "7:1", "ext4", "/dev/loop1");
    Mount above = new Mount(Path.of("/a"), "7:2", "ext4", "/dev/loop2");
    MountTable table = new MountTable(List.of(below, above));
    assertThat(table.at(Path.of("/a"))).contains(above);
    assertThat(table.at(Path.of("/b"))).isEmpty();
  }
}
