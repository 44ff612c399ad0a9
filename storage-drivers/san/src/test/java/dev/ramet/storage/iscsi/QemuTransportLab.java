package dev.ramet.storage.iscsi;

import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.san.LunDriver;
import java.nio.file.Path;
import java.time.Duration;

/** Opens pools whose LUNs come by {@code qemu-storage-daemon}, whatever else the host has. */
final class QemuTransportLab {
  private QemuTransportLab() {}

  static LunDriver open(Path pool, Kernel kernel, Programs programs, Duration patience) {
    return (LunDriver) new IscsiProvider(kernel, programs, patience).open(pool);
  }
}
