package dev.ramet.storage.iscsi;

import dev.ramet.storage.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What sysfs tells of block devices. */
final class BlockDevices {
  private static final Path CLASS = Path.of("/sys/class/block");

  /** sysfs counts in these, whatever the device's own blocks are. */
  private static final long SECTOR = 512;

  private BlockDevices() {}

  /** The size of a device, "/dev/loop7". */
  static ByteSize size(Path device) throws IOException {
    Path name = device.toRealPath().getFileName();
    return new ByteSize(
        Long.parseLong(Files.readString(CLASS.resolve(name).resolve("size")).strip()) * SECTOR);
  }
}
