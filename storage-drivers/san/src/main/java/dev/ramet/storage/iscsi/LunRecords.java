package dev.ramet.storage.iscsi;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.san.LunAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which LUN each id stands for: a file that is made before anything else of an attachment and
 * removed after it. A loss of power ends every attachment, so it need not survive one.
 */
final class LunRecords {
  private final Kernel kernel;
  private final Layout layout;
  private final ReentrantLock claiming = new ReentrantLock();

  LunRecords(Kernel kernel, Layout layout) {
    this.kernel = kernel;
    this.layout = layout;
  }

  /** Empty where there is none, or none that can be read. */
  Optional<LunRecord> find(VolumeId id) throws IOException {
    try {
      return LunRecord.parse(Files.readString(layout.address(id)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Makes the id stand for the LUN. Repeat: nothing changes, but for the ways to it.
   *
   * @throws StorageException {@code ALREADY_EXISTS} where it stands for another; {@code IN_USE}
   *     where another id stands for this LUN: two mounts of one disk destroy it
   */
  void claim(VolumeId id, LunAddress address) throws IOException {
    LunRecord wanted = LunRecord.of(address);
    claiming.lock();
    try {
      Optional<LunRecord> found = find(id);
      if (found.isPresent() && !found.get().wwid().equals(wanted.wwid())) {
        throw new StorageException(
            StorageError.ALREADY_EXISTS,
            "%s is attached to LUN %s already, not to %s: detach it first"
                .formatted(id, found.get().wwid(), wanted.wwid()));
      }
      requireUnclaimed(id, wanted);
      if (!found.equals(Optional.of(wanted))) {
        write(id, wanted);
      }
    } finally {
      claiming.unlock();
    }
  }

  private void requireUnclaimed(VolumeId id, LunRecord wanted) throws IOException {
    for (VolumeId other : layout.ids()) {
      boolean same = find(other).filter(record -> record.wwid().equals(wanted.wwid())).isPresent();
      if (same && !other.equals(id)) {
        throw new StorageException(
            StorageError.IN_USE,
            "LUN %s is attached here as %s: detach that first".formatted(wanted.wwid(), other));
      }
    }
  }

  private void write(VolumeId id, LunRecord record) throws IOException {
    tolerating(Errno.EEXIST, () -> kernel.makeDirectory(layout.lun(id), 0700));
    tolerating(Errno.ENOENT, () -> kernel.unlink(layout.address(id)));
    try (Descriptor file = Descriptor.unnamed(kernel, layout.lun(id), 0600)) {
      kernel.write(file.fd(), record.text());
      kernel.link(file.fd(), layout.address(id));
    }
  }

  /** Removes the file and its directory. Missing: nothing happens. */
  void remove(VolumeId id) throws IOException {
    tolerating(Errno.ENOENT, () -> kernel.unlink(layout.address(id)));
    tolerating(Errno.ENOENT, () -> kernel.removeDirectory(layout.lun(id)));
  }
}
