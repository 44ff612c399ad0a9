package dev.ramet.storage.iscsi;

import static dev.ramet.storage.linux.KernelException.tolerating;
import static dev.ramet.storage.linux.MountFlags.NO_ACCESS_TIMES;
import static dev.ramet.storage.linux.MountFlags.NO_DEVICES;
import static dev.ramet.storage.linux.MountFlags.NO_SETUID;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.iscsi.PatientCalls.Call;
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.LoopDevice;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.MountTable;
import dev.ramet.storage.linux.MountTable.Mount;
import dev.ramet.storage.linux.OpenFlags;
import dev.ramet.storage.linux.Users;
import dev.ramet.storage.linux.Waits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * File systems of connected LUNs, mounted on {@code mnt/<id>}: by a loop device where the LUN is a
 * file or the file system has only a part of it. Nothing here looks into a mounted file system but
 * with patience: its LUN may not answer.
 */
final class LunMounts {
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private final Kernel kernel;
  private final LoopDevices loops;
  private final Layout layout;
  private final FileSystemProbe probe;
  private final PatientCalls patient;

  LunMounts(Kernel kernel, Layout layout, FileSystemProbe probe, PatientCalls patient) {
    this.kernel = kernel;
    this.loops = new LoopDevices(kernel);
    this.layout = layout;
    this.probe = probe;
    this.patient = patient;
  }

  /**
   * Where the LUN's file system is mounted, if it is.
   *
   * @throws StorageException {@code DEVICE} where something else is mounted there
   */
  Optional<Attachment.BlockDevice> find(VolumeId id) throws IOException {
    Optional<Mount> mount = MountTable.read().at(layout.mount(id));
    if (mount.isEmpty()) {
      return Optional.empty();
    }
    Path device = Path.of(mount.get().source());
    Optional<Path> backing = loops.backingFile(device.getFileName().toString());
    boolean ours = backing.isEmpty() ? device.startsWith("/dev") : isLun(id, backing.get());
    if (!ours) {
      throw new StorageException(
          StorageError.DEVICE,
          "something else (%s) is mounted on %s: unmount it".formatted(device, layout.mount(id)));
    }
    return Optional.of(new Attachment.BlockDevice(layout.mount(id), device));
  }

  private boolean isLun(VolumeId id, Path backing) {
    return backing.equals(layout.disk(id)) || backing.startsWith("/dev");
  }

  /**
   * Mounts the file system on the LUN. On failure nothing of the mount is left.
   *
   * @param lun file or block device
   * @param sever lets all that waits for the LUN fail
   */
  Attachment mount(VolumeId id, Path lun, Call sever) throws IOException {
    FileSystem system = probe.find(lun);
    tolerating(Errno.EEXIST, () -> kernel.makeDirectory(layout.mount(id), 0711));
    try {
      if (system.whole() && !Files.isRegularFile(lun)) {
        mountDevice(id, lun, system, sever);
      } else {
        requireNoLoop(id);
        try (Descriptor file = Descriptor.open(kernel, lun, OpenFlags.READ_WRITE);
            LoopDevice loop = loops.bind(file, system.shape())) {
          mountDevice(id, loop.path(), system, sever);
        }
      }
    } catch (IOException | RuntimeException e) {
      removeDirectory(id);
      throw e;
    }
    return find(id)
        .orElseThrow(() ->
            new StorageException(
                StorageError.DEVICE, "%s was unmounted while it was attached".formatted(id)));
  }

  private void mountDevice(VolumeId id, Path device, FileSystem system, Call sever)
      throws IOException {
    String number = loops.number(device.toRealPath().getFileName().toString());
    patient.run(
        "mounting volume " + id,
        number,
        () ->
            kernel.mount(
                device.toString(),
                layout.mount(id),
                system.type(),
                NO_ACCESS_TIMES | NO_DEVICES | NO_SETUID,
                system.options()),
        sever);
  }

  /** Two devices of one disk would destroy it. */
  private void requireNoLoop(VolumeId id) throws IOException {
    if (!Waits.until(() -> loops.backedBelow(layout.disk(id)).isEmpty(), SETTLING)) {
      throw held(id, loops.backedBelow(layout.disk(id)).keySet().iterator().next());
    }
  }

  /**
   * Unmounts, all that was written being on the LUN before. One that does not take it any more, or
   * is broken, is given up: what was not on it by then is lost, as by a loss of power, and so is
   * nothing that a database was told to be safe. Not mounted: nothing happens.
   *
   * @param sever lets all that waits for the LUN fail
   * @return what was lost and why, in words
   * @throws StorageException {@code IN_USE} naming who uses it
   */
  Optional<String> unmount(VolumeId id, Call sever) throws IOException {
    Optional<Attachment.BlockDevice> mounted = find(id);
    Optional<String> lost = Optional.empty();
    if (mounted.isPresent()) {
      Mount mount = MountTable.read().at(layout.mount(id)).orElseThrow();
      lost = flush(id, mount, sever);
      unmount(id, mount, lost.isPresent(), sever);
    }
    requireNoLoop(id);
    removeDirectory(id);
    return lost;
  }

  private Optional<String> flush(VolumeId id, Mount mount, Call sever) {
    try {
      patient.run("flushing volume " + id, mount.number(), () -> sync(mount.target()), sever);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void sync(Path target) throws IOException {
    try (Descriptor root =
        Descriptor.open(kernel, target, OpenFlags.READ_ONLY | OpenFlags.DIRECTORY)) {
      kernel.syncFileSystem(root.fd());
    }
  }

  /** Who uses a broken file system gets errors once it is severed, and some time to end. */
  private void unmount(VolumeId id, Mount mount, boolean broken, Call sever) throws IOException {
    if (broken) {
      sever.run();
    }
    boolean done =
        Waits.until(() -> unmounted(id, mount, sever), broken ? SETTLING : Duration.ZERO);
    if (!done) {
      throw held(id, Path.of(mount.source()).getFileName().toString());
    }
  }

  private boolean unmounted(VolumeId id, Mount mount, Call sever) throws IOException {
    try {
      patient.run(
          "unmounting volume " + id,
          mount.number(),
          () -> tolerating(Errno.EINVAL, () -> kernel.unmount(mount.target())),
          sever);
      return true;
    } catch (StalledException e) {
      return MountTable.read().at(mount.target()).isEmpty();
    } catch (IOException e) {
      if (e.getCause() instanceof KernelException cause && cause.is(Errno.EBUSY)) {
        return false;
      }
      throw e;
    }
  }

  private StorageException held(VolumeId id, String device) throws IOException {
    return new StorageException(
        StorageError.IN_USE,
        "volume %s (%s) is in use by %s: end them, then try again"
            .formatted(id, device, Users.of(layout.mount(id), loops.number(device))));
  }

  /** Missing: nothing happens. */
  void removeDirectory(VolumeId id) throws IOException {
    tolerating(Errno.ENOENT, () -> kernel.removeDirectory(layout.mount(id)));
  }
}
