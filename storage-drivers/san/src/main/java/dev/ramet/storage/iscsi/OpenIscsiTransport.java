package dev.ramet.storage.iscsi;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.iscsi.Programs.Invocation;
import dev.ramet.storage.iscsi.ScsiDevices.Device;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.Waits;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * LUNs by the kernel's initiator, which open-iscsi controls. One portal is used; with {@code
 * multipathd} running all of them, and the multipath device over them.
 *
 * <p>Most build machines have no kernel that could run it. Tested here are its decisions, on
 * recorded output of open-iscsi 2.1.8 and a sysfs of files; {@code deploy/test-kernel} is to run it
 * in a virtual machine against a real target, with the same suites as {@link QemuTransport}.
 */
final class OpenIscsiTransport implements LunTransport {
  /** How long a device may take to appear, or to go. */
  static final Duration APPEARING = Duration.ofSeconds(10);

  private static final Duration FLUSHING = Duration.ofSeconds(10);

  private final Programs programs;
  private final HostPaths paths;
  private final PortalChoice choice;
  private final Duration appearing;
  private final LunRecords records;
  private final Layout layout;
  private final String initiatorName;
  private final Iscsiadm iscsiadm;
  private final NodeRecords nodes;
  private final ScsiDevices devices;

  /** One for each portal and target: what one attach logs in to another may be logging out of. */
  private final ConcurrentHashMap<TargetPortal, ReentrantLock> locks = new ConcurrentHashMap<>();

  /** Finds a portal that leads to the LUN: {@link LunCheck#choose}. */
  @FunctionalInterface
  interface PortalChoice {
    TargetPortal choose(String initiator, LunAddress address);
  }

  OpenIscsiTransport(
      Kernel kernel,
      Programs programs,
      HostPaths paths,
      PortalChoice choice,
      Duration appearing,
      Layout layout,
      String initiatorName) {
    this.programs = programs;
    this.paths = paths;
    this.choice = choice;
    this.appearing = appearing;
    this.layout = layout;
    this.initiatorName = initiatorName;
    this.records = new LunRecords(kernel, layout);
    this.iscsiadm = new Iscsiadm(programs);
    this.nodes = new NodeRecords(kernel, paths);
    this.devices = new ScsiDevices(kernel, paths);
  }

  /** Whether the kernel has the initiator, loaded or as a module. */
  static boolean kernelCan(HostPaths paths) {
    return Files.exists(paths.sys().resolve("class/iscsi_transport/tcp"))
        || Files.exists(paths.sys().resolve("module/iscsi_tcp"))
        || modules().stream().anyMatch(Files::exists);
  }

  private static List<Path> modules() {
    Path scsi = Path.of("/lib/modules", System.getProperty("os.version"), "kernel/drivers/scsi");
    return List.of(
        scsi.resolve("iscsi_tcp.ko"),
        scsi.resolve("iscsi_tcp.ko.xz"),
        scsi.resolve("iscsi_tcp.ko.zst"));
  }

  @Override
  public Optional<String> lacks() {
    return programs.has(Iscsiadm.PROGRAM)
        ? Optional.empty()
        : Optional.of(
            "iscsiadm is not installed: install the package open-iscsi (apt-get install"
                + " open-iscsi)");
  }

  @Override
  public String initiatorName() {
    return initiatorName;
  }

  @Override
  public boolean checksTargets() {
    return true;
  }

  @Override
  public Path connect(VolumeId id, LunAddress address) throws IOException {
    TargetPortal first = choice.choose(initiatorName, address);
    Device device = connect(first, address);
    if (!Files.exists(paths.run().resolve("multipathd.pid"))) {
      return paths.dev().resolve(device.name());
    }
    for (TargetPortal other : address.portals()) {
      if (!other.equals(first)) {
        connectIfPossible(other, address);
      }
    }
    Waits.until(() -> devices.map(device).isPresent(), appearing);
    return path(device);
  }

  private Path path(Device device) throws IOException {
    return devices
        .map(device)
        .map(map -> paths.dev().resolve("mapper").resolve(map))
        .orElse(paths.dev().resolve(device.name()));
  }

  /** Another way is welcome, but not needed: multipathd tries it again. */
  private void connectIfPossible(TargetPortal portal, LunAddress address) {
    try {
      connect(portal, address);
    } catch (IOException | StorageException e) {
      return;
    }
  }

  private Device connect(TargetPortal portal, LunAddress address) throws IOException {
    ReentrantLock lock = locks.computeIfAbsent(portal, any -> new ReentrantLock());
    lock.lock();
    try {
      int session = login(portal, address);
      devices.scan(session, address.lun());
      if (!Waits.until(() -> devices.find(session, address.wwid()).isPresent(), appearing)) {
        throw new StorageException(
            StorageError.DEVICE,
            "LUN %d of %s at %s does not appear as a device with the WWID %s"
                .formatted(address.lun(), portal.iqn(), portal.address(), address.wwid()));
      }
      return devices.find(session, address.wwid()).orElseThrow();
    } finally {
      lock.unlock();
    }
  }

  private int login(TargetPortal portal, LunAddress address) throws IOException {
    Optional<IscsiSession> existing = iscsiadm.session(portal);
    if (existing.isPresent()) {
      return existing.get().number();
    }
    iscsiadm.createRecord(portal);
    nodes.set(portal, address);
    return iscsiadm.login(portal).number();
  }

  @Override
  public Optional<Path> find(VolumeId id) throws IOException {
    List<Device> found = found(id);
    return found.isEmpty() ? Optional.empty() : Optional.of(path(found.getFirst()));
  }

  private List<Device> found(VolumeId id) throws IOException {
    Optional<LunRecord> record = records.find(id);
    return record.isEmpty() ? List.of() : devices.find(record.get().wwid());
  }

  @Override
  public Optional<String> remains(VolumeId id) throws IOException {
    List<String> names = found(id).stream().map(Device::name).toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of("its devices are there: " + String.join(", ", names));
  }

  @Override
  public void sever(VolumeId id) throws IOException {
    for (Device device : found(id)) {
      devices.takeOffline(device);
    }
  }

  /** The map goes before its paths, the devices before their session, with their last LUN. */
  @Override
  public void disconnect(VolumeId id) throws IOException {
    Optional<LunRecord> record = records.find(id);
    if (record.isEmpty()) {
      return; // it is written before anything is made
    }
    List<Device> found = devices.find(record.get().wwid());
    for (Device device : found) {
      removeMap(device);
    }
    for (Device device : found) {
      flush(device);
      devices.delete(device);
    }
    String wwid = record.get().wwid();
    if (!Waits.until(() -> devices.find(wwid).isEmpty(), appearing)) {
      throw new IOException("the device of LUN %s does not go away".formatted(wwid));
    }
    for (TargetPortal portal : record.get().portals()) {
      leave(id, portal);
    }
  }

  private void removeMap(Device device) throws IOException {
    Optional<String> map = devices.map(device);
    if (map.isPresent()) {
      programs.run(Invocation.of(FLUSHING, "multipath", "-f", map.get()));
    }
  }

  /** An offline device refuses: what it had was lost, and said to be, when it was severed. */
  private void flush(Device device) throws IOException {
    programs.run(
        Invocation.of(
            FLUSHING, "blockdev", "--flushbufs", paths.dev().resolve(device.name()).toString()));
  }

  private void leave(VolumeId id, TargetPortal portal) throws IOException {
    ReentrantLock lock = locks.computeIfAbsent(portal, any -> new ReentrantLock());
    lock.lock();
    try {
      if (othersUse(id, portal)) {
        return;
      }
      Optional<IscsiSession> session = iscsiadm.session(portal);
      if (session.isPresent() && devices.hasDevices(session.get().number())) {
        return; // somebody else's
      }
      if (session.isPresent()) {
        iscsiadm.logout(session.get());
      }
      iscsiadm.deleteRecord(portal);
    } finally {
      lock.unlock();
    }
  }

  private boolean othersUse(VolumeId id, TargetPortal portal) throws IOException {
    List<VolumeId> others = new ArrayList<>(layout.ids());
    others.remove(id);
    for (VolumeId other : others) {
      if (records.find(other).filter(record -> record.portals().contains(portal)).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
