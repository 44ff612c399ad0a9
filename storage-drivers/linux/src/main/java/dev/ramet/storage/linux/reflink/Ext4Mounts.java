package dev.ramet.storage.linux.reflink;

import static dev.ramet.storage.linux.KernelException.tolerating;
import static dev.ramet.storage.linux.MountFlags.NO_ACCESS_TIMES;
import static dev.ramet.storage.linux.MountFlags.NO_DEVICES;
import static dev.ramet.storage.linux.MountFlags.NO_SETUID;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.LoopDevice;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.MountPoint;
import dev.ramet.storage.linux.OpenFlags;
import dev.ramet.storage.linux.Users;
import dev.ramet.storage.linux.Waits;
import dev.ramet.storage.linux.reflink.PoolFiles.VolumeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Volumes as mounted file systems: a loop device each, mounted on {@code mnt/<id>}.
 *
 * <p>The volume's file is locked through the very descriptor that the loop device is made with, so
 * the lock lasts exactly as long as the device does, whoever dies meanwhile. Who cannot get the
 * lock knows, without a search, that a device has the file.
 */
final class Ext4Mounts {
  /**
   * No background work in clones; no writes to a file system that lost its disk; no second index of
   * all metadata blocks, which costs 2 ms per TiB and guards against what the checksums guard too.
   */
  private static final String OPTIONS = "noinit_itable,errors=remount-ro,noblock_validity";

  private static final Path EXT4 = Path.of("/sys/fs/ext4");

  private final Kernel kernel;
  private final LoopDevices loops;
  private final PoolLayout layout;

  /** How long a device may take to let go: a container that starts holds all mounts for a while. */
  private final Duration patience;

  Ext4Mounts(Kernel kernel, LoopDevices loops, PoolLayout layout, Duration patience) {
    this.kernel = kernel;
    this.loops = loops;
    this.layout = layout;
    this.patience = patience;
  }

  /** Where the volume is attached, if it is. Cost: independent of the number of attachments. */
  Optional<Attachment> find(VolumeId id) throws IOException {
    Optional<MountPoint> mount = MountPoint.at(layout.mount(id));
    if (mount.isEmpty()) {
      return Optional.empty();
    }
    String device = deviceOf(id, mount.get());
    return Optional.of(
        new Attachment.BlockDevice(layout.mount(id), Path.of("/dev").resolve(device)));
  }

  private String deviceOf(VolumeId id, MountPoint mount) throws IOException {
    Optional<String> device = mount.blockDevice();
    if (device.flatMap(loops::backingFile).equals(Optional.of(layout.volume(id)))) {
      return device.orElseThrow();
    }
    throw new StorageException(
        StorageError.DEVICE,
        "something else (device %s) is mounted on %s: unmount it"
            .formatted(device.orElse(mount.number()), mount.path()));
  }

  Attachment attach(VolumeFile volume) throws IOException {
    Optional<Attachment> attached = find(volume.id());
    if (attached.isEmpty()) {
      mount(volume.id());
      attached = find(volume.id());
    }
    Attachment attachment =
        attached.orElseThrow(() ->
            new StorageException(
                StorageError.DEVICE,
                "%s was unmounted while it was attached".formatted(volume.id())));
    limit(volume, attachment);
    return attachment;
  }

  private void mount(VolumeId id) throws IOException {
    Path target = layout.mount(id);
    try (Descriptor file =
            Descriptor.open(kernel, layout.volume(id), OpenFlags.READ_WRITE | OpenFlags.NO_FOLLOW);
        LoopDevice device = device(id, file)) {
      ensureDirectory(target);
      try {
        kernel.mount(
            device.path().toString(),
            target,
            "ext4",
            NO_ACCESS_TIMES | NO_DEVICES | NO_SETUID,
            OPTIONS);
      } catch (KernelException e) {
        removeMountDirectory(id);
        throw e;
      }
    }
  }

  /** A new device; where the lock shows that one exists, that one: two would destroy the data. */
  private LoopDevice device(VolumeId id, Descriptor file) throws IOException {
    if (Waits.until(() -> kernel.lock(file.fd()), patience)) {
      return loops.bind(file);
    }
    Set<String> existing = loops.backedBelow(layout.volume(id)).keySet();
    if (existing.isEmpty()) {
      throw held(id, null);
    }
    return loops.open(existing.iterator().next());
  }

  private void ensureDirectory(Path target) throws IOException {
    tolerating(Errno.EEXIST, () -> kernel.makeDirectory(target, 0711));
  }

  /**
   * The part of the file system above the limit becomes a reserve that no data may enter: {@code
   * reserved_clusters} of ext4's sysfs (Documentation/admin-guide/ext4.rst), one cluster being a
   * block here. The file system's own metadata, which {@code statfs} leaves out, do not count.
   */
  private void limit(VolumeFile volume, Attachment attachment) throws IOException {
    ByteSize limit = volume.limit();
    if (limit == null || !(attachment instanceof Attachment.BlockDevice on)) {
      return;
    }
    long room = kernel.fileSystem(attachment.path()).total();
    long reserve = Math.max(0, room - limit.bytes()) / LoopDevices.BLOCK_SIZE;
    Path knob = EXT4.resolve(on.device().getFileName()).resolve("reserved_clusters");
    if (Long.parseLong(Files.readString(knob).strip()) != reserve) {
      kernel.writeAttributeFile(knob, Long.toString(reserve));
    }
  }

  void detach(VolumeId id) throws IOException {
    Optional<MountPoint> mount = MountPoint.at(layout.mount(id));
    if (mount.isPresent()) {
      String device = deviceOf(id, mount.get());
      unmount(id, mount.get());
      if (!loops.awaitReleased(device, layout.volume(id), patience)) {
        throw held(id, null);
      }
    }
    requireFree(id);
    removeMountDirectory(id);
  }

  private void unmount(VolumeId id, MountPoint mount) throws IOException {
    try {
      kernel.unmount(mount.path());
    } catch (KernelException e) {
      if (e.is(Errno.EBUSY)) {
        throw held(id, e);
      }
      throw e;
    }
  }

  private void requireFree(VolumeId id) throws IOException {
    try (Descriptor file = open(id)) {
      lock(id, file);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /**
   * Opens the file of a detached volume and locks it until it is closed, so that nobody attaches it
   * meanwhile.
   *
   * @throws StorageException {@code IN_USE}
   */
  Descriptor lockDetached(VolumeId id) throws IOException {
    Optional<Attachment> attached = find(id);
    if (attached.isPresent()) {
      throw new StorageException(
          StorageError.IN_USE,
          "volume %s is attached at %s: detach it first".formatted(id, attached.get().path()));
    }
    Descriptor file = open(id);
    try {
      lock(id, file);
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Opens the file of a volume that may be attached, to be cloned as it is at one instant.
   *
   * <p>What its file system holds in memory is written first ({@code syncfs}, which freezes
   * nothing): so all that was written before is in the clone, and a recovery is short. What is
   * written meanwhile is in it or not, as after a loss of power, for {@code FICLONE} is atomic
   * against the loop device's writes: it takes the source's inode lock, waits for direct writes
   * that are under way ({@code inode_dio_wait}) and writes what the page cache has ({@code
   * generic_remap_file_range_prep} of {@code fs/remap_range.c}; {@code xfs_reflink_remap_prep} of
   * {@code fs/xfs/xfs_reflink.c}, {@code btrfs_remap_file_range} of {@code fs/btrfs/reflink.c});
   * direct writes take the same lock, shared. Since Linux 6.7 XFS lets reads go on, not writes
   * ({@code XFS_IREMAPPING}).
   */
  Descriptor openLive(VolumeId id) throws IOException {
    if (MountPoint.at(layout.mount(id)).isPresent()) {
      try (Descriptor root =
          Descriptor.open(kernel, layout.mount(id), OpenFlags.READ_ONLY | OpenFlags.DIRECTORY)) {
        kernel.syncFileSystem(root.fd());
      }
    }
    return open(id);
  }

  private Descriptor open(VolumeId id) throws KernelException {
    return Descriptor.open(kernel, layout.volume(id), OpenFlags.READ_ONLY | OpenFlags.NO_FOLLOW);
  }

  private void lock(VolumeId id, Descriptor file) throws IOException {
    if (!Waits.until(() -> kernel.lock(file.fd()), patience)) {
      throw held(id, null);
    }
  }

  void removeMountDirectory(VolumeId id) throws IOException {
    tolerating(Errno.ENOENT, () -> kernel.removeDirectory(layout.mount(id)));
  }

  /** Says who has the volume, where its device shows it. */
  private StorageException held(VolumeId id, @Nullable KernelException cause) throws IOException {
    Optional<String> device = loops.backedBelow(layout.volume(id)).keySet().stream().findFirst();
    String users =
        device.isEmpty()
            ? "a process that has its file locked"
            : Users.of(layout.mount(id), loops.number(device.get()));
    return new StorageException(
        StorageError.IN_USE,
        "volume %s%s is in use by %s: end them, then try again"
            .formatted(id, device.map(name -> " (" + name + ")").orElse(""), users),
        cause);
  }
}
