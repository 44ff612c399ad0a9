package dev.ramet.storage.iscsi;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's knobs of FUSE file systems ({@code fusectl},
 * Documentation/filesystems/fuse/fuse.rst).
 */
final class FuseConnections {
  private static final Path CONTROL = Path.of("/sys/fs/fuse/connections");

  private final Kernel kernel;

  FuseConnections(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Lets the kernel ask the daemon of a FUSE mount for one thing at a time. QEMU's FUSE export
   * destroys data otherwise: it answers requests while it waits for others, all in one buffer, so
   * that a second write takes the place of the first one's data (mended in 2025 by "fuse: Copy
   * write buffer content before polling"; 7.2.22 lacks it). This holds for direct I/O of a loop
   * device, whose requests are the "background" ones here. Repeat: nothing changes.
   */
  void oneRequestAtATime(Mount mount) throws IOException {
    String minor = mount.number().substring(mount.number().indexOf(':') + 1);
    Path knob = CONTROL.resolve(minor).resolve("max_background");
    if (!Files.exists(knob)) {
      tolerating(
          Errno.EBUSY, () -> kernel.mount("fusectl", CONTROL, "fusectl", 0, "")); // as systemd does
    }
    kernel.writeAttributeFile(knob, "1");
  }
}
