package dev.ramet.storage.iscsi;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Chooses how this host reaches LUNs: by open-iscsi where the kernel can, else by QEMU. A choice
 * that could be used is kept in the pool's file {@code transport}: what was attached one way is
 * found and detached the same way, whatever is installed later.
 */
final class Transports {
  private static final String OPEN_ISCSI = "open-iscsi";

  private final Kernel kernel;
  private final Programs programs;
  private final HostPaths paths;

  Transports(Kernel kernel, Programs programs, HostPaths paths) {
    this.kernel = kernel;
    this.programs = programs;
    this.paths = paths;
  }

  LunTransport choose(Layout layout) throws IOException {
    Path kept = layout.root().resolve("transport");
    if (Files.exists(kept)) {
      return of(Files.readString(kept).strip(), layout);
    }
    boolean open =
        OpenIscsiTransport.kernelCan(paths)
            && (programs.has(Iscsiadm.PROGRAM) || !programs.has(QemuDaemons.PROGRAM));
    String name = open ? OPEN_ISCSI : QemuDaemons.PROGRAM;
    LunTransport chosen = of(name, layout);
    if (chosen.lacks().isEmpty()) {
      keep(layout, kept, name);
    }
    return chosen;
  }

  private LunTransport of(String name, Layout layout) throws IOException {
    return switch (name) {
      case QemuDaemons.PROGRAM ->
          new QemuTransport(kernel, programs, layout, InitiatorName.ofPool(kernel, layout));
      case OPEN_ISCSI ->
          new OpenIscsiTransport(
              kernel,
              programs,
              paths,
              LunCheck::choose,
              OpenIscsiTransport.APPEARING,
              layout,
              hostName(layout));
      default ->
          throw new StorageException(
              StorageError.POOL_UNHEALTHY,
              "%s names no way to LUNs that is known: '%s'"
                  .formatted(layout.root().resolve("transport"), name));
    };
  }

  /** open-iscsi logs in by this name; before it is installed, one of the pool's stands for it. */
  private String hostName(Layout layout) throws IOException {
    Optional<String> name = InitiatorName.ofHost(paths.initiatorName());
    return name.isPresent() ? name.get() : InitiatorName.ofPool(kernel, layout);
  }

  private void keep(Layout layout, Path kept, String name) throws IOException {
    try (Descriptor file = Descriptor.unnamed(kernel, layout.root(), 0644)) {
      kernel.write(file.fd(), name + "\n");
      kernel.sync(file.fd());
      tolerating(Errno.EEXIST, () -> kernel.link(file.fd(), kept));
    }
  }
}
