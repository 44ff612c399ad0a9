package dev.ramet.storage.iscsi;

import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.san.LunDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Opens pools whose LUNs come by {@code qemu-storage-daemon}, whatever else the host has. */
final class QemuTransportLab {
  private QemuTransportLab() {}

  static LunDriver open(Path pool, Kernel kernel, Programs programs, Duration patience) {
    try {
      Layout layout = new Layout(pool.toRealPath());
      Files.createDirectories(layout.luns());
      Files.createDirectories(layout.mounts());
      String name = InitiatorName.ofPool(kernel, layout);
      LunTransport transport = new QemuTransport(kernel, programs, layout, name);
      return new IscsiProvider(kernel, programs, patience).driver(layout, transport);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
