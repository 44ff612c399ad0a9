package dev.ramet.storage.iscsi;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.iscsi.Programs.Completed;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.MountTable;
import dev.ramet.storage.linux.OpenFlags;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * LUNs by user space: a {@code qemu-storage-daemon} each, which outlives the agent, logs in and
 * shows the LUN as the file {@code luns/<id>/disk} by FUSE. For hosts whose kernel has no iSCSI
 * initiator. One portal is used; a broken connection is made again by the daemon, and what was
 * asked meanwhile waits for that.
 *
 * <p>Requests go to the daemon one at a time ({@link FuseConnections}).
 */
final class QemuTransport implements LunTransport {
  private static final String PACKAGES = "qemu-system-common qemu-block-extra";
  private static final Path FUSE = Path.of("/dev/fuse");

  private final Kernel kernel;
  private final Programs programs;
  private final Layout layout;
  private final QemuDaemons daemons = new QemuDaemons();
  private final FuseConnections fuse;
  private final String initiatorName;

  QemuTransport(Kernel kernel, Programs programs, Layout layout, String initiatorName) {
    this.kernel = kernel;
    this.programs = programs;
    this.layout = layout;
    this.fuse = new FuseConnections(kernel);
    this.initiatorName = initiatorName;
  }

  @Override
  public Optional<String> lacks() {
    if (!programs.has(QemuDaemons.PROGRAM)) {
      return Optional.of(
          "%s is not installed: install the packages %s (apt-get install %s), or open-iscsi where the kernel has iscsi_tcp"
              .formatted(QemuDaemons.PROGRAM, PACKAGES, PACKAGES));
    }
    return Files.exists(FUSE)
        ? Optional.empty()
        : Optional.of("the kernel has no FUSE: load its module (modprobe fuse)");
  }

  @Override
  public String initiatorName() {
    return initiatorName;
  }

  @Override
  public boolean checksTargets() {
    return false; // libiscsi could, qemu's driver has no options for it
  }

  @Override
  public Path connect(VolumeId id, LunAddress address) throws IOException {
    TargetPortal portal = LunCheck.choose(initiatorName, address);
    Path disk = layout.disk(id);
    if (find(id).isEmpty()) {
      disconnect(id);
      kernel.close(kernel.open(disk, OpenFlags.READ_WRITE | OpenFlags.CREATE, 0600));
      start(portal, address, disk);
    }
    fuse.oneRequestAtATime(mount(disk).orElseThrow(() -> vanished(disk)));
    return disk;
  }

  private void start(TargetPortal portal, LunAddress address, Path disk) throws IOException {
    Completed started = programs.run(QemuCommand.start(initiatorName, portal, address, disk));
    if (!started.succeeded()) {
      throw new StorageException(
          StorageError.DEVICE,
          "%s cannot use LUN %d of %s at %s: %s"
              .formatted(
                  QemuDaemons.PROGRAM,
                  address.lun(),
                  portal.iqn(),
                  portal.address(),
                  started.words()));
    }
  }

  private static IOException vanished(Path disk) {
    return new IOException("%s ended: nothing is on %s".formatted(QemuDaemons.PROGRAM, disk));
  }

  @Override
  public Optional<Path> find(VolumeId id) throws IOException {
    Path disk = layout.disk(id);
    return mount(disk).isPresent() && !running(disk).isEmpty()
        ? Optional.of(disk)
        : Optional.empty();
  }

  @Override
  public Optional<String> remains(VolumeId id) throws IOException {
    Path disk = layout.disk(id);
    boolean mounted = mount(disk).isPresent();
    boolean running = !running(disk).isEmpty();
    if (mounted && !running) {
      return Optional.of("its %s has ended".formatted(QemuDaemons.PROGRAM));
    }
    return running
        ? Optional.of("its %s is running".formatted(QemuDaemons.PROGRAM))
        : Optional.empty();
  }

  private List<ProcessHandle> running(Path disk) throws IOException {
    return daemons.with(QemuCommand.export(disk));
  }

  private static Optional<MountTable.Mount> mount(Path disk) throws IOException {
    return MountTable.read().at(disk);
  }

  @Override
  public void sever(VolumeId id) throws IOException {
    daemons.kill(QemuCommand.export(layout.disk(id)));
  }

  /**
   * Asked to end, the daemon unmounts its file; where it was killed, that is done here. The file is
   * there before the daemon and after it, so without a file there is none to look for.
   */
  @Override
  public void disconnect(VolumeId id) throws IOException {
    Path disk = layout.disk(id);
    if (mount(disk).isEmpty() && !Files.exists(disk)) {
      return;
    }
    daemons.end(QemuCommand.export(disk));
    while (mount(disk).isPresent()) {
      kernel.unmountLazily(disk);
    }
    tolerating(Errno.ENOENT, () -> kernel.unlink(disk));
  }
}
