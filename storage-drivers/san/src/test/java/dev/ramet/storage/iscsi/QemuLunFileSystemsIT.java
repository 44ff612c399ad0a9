package dev.ramet.storage.iscsi;

import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.san.LunDriver;
import java.nio.file.Path;
import java.time.Duration;

/** LUNs by {@code qemu-storage-daemon}. */
class QemuLunFileSystemsIT extends LunFileSystemsContract {
  @Override
  LunDriver open(Path pool) {
    return QemuTransportLab.open(pool, new JnaKernel(), new HostPrograms(), Duration.ofSeconds(3));
  }
}
