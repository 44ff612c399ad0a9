package dev.ramet.storage.linux;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file system for a pool in a sparse file beside the pool's directory, loop-mounted there. The
 * file {@code <directory>.img} appears only when it is formatted; it is locked while it is in use,
 * so it can never be mounted by two devices.
 */
public final class LoopPool {
  private static final ByteSize LEAST = ByteSize.ofMebi(320);
  private static final Duration RELEASE = Duration.ofSeconds(10);

  private final Kernel kernel;
  private final LoopDevices loops;
  private final Format format;

  /** Formats the pool's device. */
  @FunctionalInterface
  public interface Format {
    void format(Path device) throws IOException;
  }

  private final String type;

  /**
   * @param type the file system's name for mount(2)
   */
  public LoopPool(Kernel kernel, String type, Format format) {
    this.kernel = kernel;
    this.loops = new LoopDevices(kernel);
    this.type = type;
    this.format = format;
  }

  /** The file behind the directory's pool. */
  public static Path image(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    return absolute.resolveSibling(absolute.getFileName() + ".img");
  }

  /**
   * Makes what is missing of: directory, file, mount. Something mounted there already is left as it
   * is.
   *
   * @param size the file's size, where it has to be made
   */
  public void mount(Path directory, ByteSize size) throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    Files.createDirectories(target);
    if (MountPoint.at(target).isPresent()) {
      return;
    }
    requireEmpty(target);
    Path image = image(target);
    if (!Files.exists(image)) {
      make(image, size);
    }
    try (Descriptor file = Descriptor.open(kernel, image, OpenFlags.READ_WRITE)) {
      if (!Waits.until(() -> kernel.lock(file.fd()), RELEASE)) {
        throw new StorageException(
            StorageError.IN_USE,
            "%s is in use, but not mounted on %s: end what uses it".formatted(image, target));
      }
      try (LoopDevice device = loops.bind(file)) {
        kernel.mount(device.path().toString(), target, type, MountFlags.NO_ACCESS_TIMES, "");
      }
    }
  }

  /**
   * Room in a pool. Where the directory has a sparse file of this class behind it, no more than the
   * file system that holds the file can still give: a promise above that would end as failed writes
   * in every volume of the pool.
   */
  public static FileSystemStatus room(Kernel kernel, Path directory) throws IOException {
    FileSystemStatus inside = kernel.fileSystem(directory);
    Path image = image(directory);
    if (!Files.exists(image) || MountPoint.at(directory.toAbsolutePath().normalize()).isEmpty()) {
      return inside;
    }
    long below = kernel.fileSystem(image).free();
    return new FileSystemStatus(
        inside.type(), inside.total(), Math.min(inside.free(), below), inside.readOnly());
  }

  private static void requireEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      if (entries.iterator().hasNext()) {
        throw new StorageException(
            StorageError.POOL_UNHEALTHY,
            "%s has content, which a pool mounted on it would hide: choose an empty directory"
                .formatted(directory));
      }
    }
  }

  private void make(Path image, ByteSize size) throws IOException {
    if (size.compareTo(LEAST) < 0) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "a pool of %s is too small: at least %s".formatted(size, LEAST));
    }
    long whole = size.bytes() / LoopDevices.BLOCK_SIZE * LoopDevices.BLOCK_SIZE;
    Path parent = image.getParent();
    if (parent == null) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT, "the root directory cannot be a pool");
    }
    try (Descriptor file = Descriptor.unnamed(kernel, parent, 0600)) {
      kernel.truncate(file.fd(), whole);
      try (LoopDevice device = loops.bind(file)) {
        format.format(device.path());
      }
      kernel.sync(file.fd());
      kernel.link(file.fd(), image);
    }
    Descriptor.syncDirectory(kernel, parent);
  }

  /** Unmounts the directory, if this class's file is what is mounted there. */
  public void release(Path directory) throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    Path image = image(target);
    Optional<MountPoint> mount = MountPoint.at(target);
    Optional<Path> source = mount.isEmpty() ? Optional.empty() : mount.get().source();
    if (mount.isEmpty() || source.isEmpty()) {
      return;
    }
    String device = source.get().getFileName().toString();
    if (!loops.backingFile(device).equals(Optional.of(image))) {
      return;
    }
    try {
      kernel.unmount(target);
    } catch (KernelException e) {
      if (e.is(Errno.EBUSY)) {
        throw inUse(target, mount.get(), e);
      }
      throw e;
    }
    if (!loops.awaitReleased(device, image, RELEASE)) {
      throw inUse(target, mount.get(), null);
    }
  }

  private static StorageException inUse(
      Path target, MountPoint mount, @Nullable KernelException cause) {
    return new StorageException(
        StorageError.IN_USE,
        "pool %s is in use by %s: end them first"
            .formatted(target, Users.of(target, mount.number())),
        cause);
  }
}
