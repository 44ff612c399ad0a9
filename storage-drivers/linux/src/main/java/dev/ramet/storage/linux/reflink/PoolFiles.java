package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.Attribute;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pool's files with what is known of them: their names are our ids, their extended attributes
 * the rest. A file gets its name last, so one that has a name is whole.
 */
final class PoolFiles {
  private static final String ORIGIN = "user.ramet.origin";
  private static final String LIMIT = "user.ramet.limit";
  private static final String SOURCE = "user.ramet.source";
  private static final int IMMUTABLE = 0400;

  private final Kernel kernel;
  private final PoolLayout layout;

  PoolFiles(Kernel kernel, PoolLayout layout) {
    this.kernel = kernel;
    this.layout = layout;
  }

  /** A volume's file: what a {@code Volume} is but for its attachment. */
  record VolumeFile(
      VolumeId id, @Nullable SnapshotId origin, ByteSize size, @Nullable ByteSize limit) {}

  Optional<VolumeFile> volume(VolumeId id) throws IOException {
    Path file = layout.volume(id);
    try {
      ByteSize size = new ByteSize(Files.size(file));
      SnapshotId origin = Attribute.read(kernel, file, ORIGIN, SnapshotId::new).orElse(null);
      ByteSize limit =
          Attribute.read(kernel, file, LIMIT, text -> new ByteSize(Long.parseLong(text)))
              .orElse(null);
      return Optional.of(new VolumeFile(id, origin, size, limit));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (KernelException e) {
      return missing(e);
    }
  }

  Optional<Snapshot> snapshot(SnapshotId id) throws IOException {
    Path file = layout.snapshot(id);
    try {
      ByteSize size = new ByteSize(Files.size(file));
      return Attribute.read(kernel, file, SOURCE, VolumeId::new)
          .map(source -> new Snapshot(id, source, size));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (KernelException e) {
      return missing(e);
    }
  }

  private static <T> Optional<T> missing(KernelException e) throws KernelException {
    if (e.is(Errno.ENOENT)) {
      return Optional.empty();
    }
    throw e;
  }

  Descriptor newVolumeFile() throws KernelException {
    return Descriptor.unnamed(kernel, layout.volumes(), 0600);
  }

  Descriptor newSnapshotFile() throws KernelException {
    return Descriptor.unnamed(kernel, layout.snapshots(), 0600);
  }

  /** Gives a volume's file its attributes, then its name. */
  void publish(Descriptor file, VolumeId id, @Nullable SnapshotId origin, @Nullable ByteSize limit)
      throws KernelException {
    if (origin != null) {
      kernel.setAttribute(file.fd(), ORIGIN, origin.value());
    }
    if (limit != null) {
      kernel.setAttribute(file.fd(), LIMIT, Long.toString(limit.bytes()));
    }
    kernel.link(file.fd(), layout.volume(id));
  }

  /** Makes a snapshot's file immutable and durable, then gives it its name, durably too. */
  void publish(Descriptor file, SnapshotId id, VolumeId source) throws KernelException {
    kernel.setAttribute(file.fd(), SOURCE, source.value());
    kernel.changeMode(file.fd(), IMMUTABLE);
    kernel.sync(file.fd());
    kernel.link(file.fd(), layout.snapshot(id));
    Descriptor.syncDirectory(kernel, layout.snapshots());
  }
}
