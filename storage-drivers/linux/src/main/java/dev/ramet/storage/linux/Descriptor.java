package dev.ramet.storage.linux;

import java.nio.file.Path;

/**
 * An open file descriptor, closed once.
 *
 * @param kernel where it is open
 * @param fd its number
 */
public record Descriptor(Kernel kernel, int fd) implements AutoCloseable {

  /** Opens what exists. */
  public static Descriptor open(Kernel kernel, Path path, int flags) throws KernelException {
    return new Descriptor(kernel, kernel.open(path, flags, 0));
  }

  /** Opens a new file without a name in the directory. */
  public static Descriptor unnamed(Kernel kernel, Path directory, int mode) throws KernelException {
    return new Descriptor(
        kernel, kernel.open(directory, OpenFlags.UNNAMED | OpenFlags.READ_WRITE, mode));
  }

  /** Syncs a directory, so that names made or removed in it survive a loss of power. */
  public static void syncDirectory(Kernel kernel, Path directory) throws KernelException {
    try (Descriptor opened = open(kernel, directory, OpenFlags.READ_ONLY | OpenFlags.DIRECTORY)) {
      kernel.sync(opened.fd());
    }
  }

  @Override
  public void close() {
    kernel.close(fd);
  }
}
