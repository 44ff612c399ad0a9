package dev.ramet.storage.linux.btrfs;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.MountFlags;
import dev.ramet.storage.linux.MountPoint;
import dev.ramet.storage.linux.Users;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Attachments as bind mounts of {@code volumes/<id>} on {@code mnt/<id>}: the mount table keeps
 * them, so they are known after a restart and gone after a reboot, and a user of one keeps it busy.
 */
final class BindMounts {
  private final Kernel kernel;
  private final Subvolumes volumes;
  private final Path directory;

  BindMounts(Kernel kernel, Subvolumes volumes, Path directory) {
    this.kernel = kernel;
    this.volumes = volumes;
    this.directory = directory;
  }

  Path path(VolumeId id) {
    return directory.resolve(id.value());
  }

  Optional<Attachment> find(VolumeId id) throws IOException {
    return MountPoint.at(path(id)).map(mount -> new Attachment.Directory(mount.path()));
  }

  Attachment attach(VolumeId id) throws IOException {
    if (MountPoint.at(path(id)).isEmpty()) {
      tolerating(Errno.EEXIST, () -> kernel.makeDirectory(path(id), 0711));
      String source = volumes.path(id.value()).toString();
      try {
        kernel.mount(source, path(id), "", MountFlags.BIND, "");
      } catch (KernelException e) {
        removeDirectory(id);
        throw e;
      }
    }
    return new Attachment.Directory(path(id));
  }

  void detach(VolumeId id) throws IOException {
    Optional<MountPoint> mount = MountPoint.at(path(id));
    if (mount.isPresent()) {
      try {
        kernel.unmount(path(id));
      } catch (KernelException e) {
        if (!e.is(Errno.EBUSY)) {
          throw e;
        }
        throw new StorageException(
            StorageError.IN_USE,
            "volume %s is in use by %s: end them, then try again"
                .formatted(id, Users.of(path(id), mount.get().number())),
            e);
      }
    }
    removeDirectory(id);
  }

  void requireDetached(VolumeId id) throws IOException {
    if (MountPoint.at(path(id)).isPresent()) {
      throw new StorageException(
          StorageError.IN_USE,
          "volume %s is attached at %s: detach it first".formatted(id, path(id)));
    }
  }

  void removeDirectory(VolumeId id) throws IOException {
    tolerating(Errno.ENOENT, () -> kernel.removeDirectory(path(id)));
  }
}
