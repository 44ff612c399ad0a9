package dev.ramet.storage.iscsi;

import dev.ramet.storage.iscsi.session.DeviceIdentification;
import dev.ramet.storage.linux.Kernel;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's SCSI devices of iSCSI sessions, in sysfs. A device is known by its WWID, never by a
 * name like "sdb", which another LUN may have tomorrow.
 */
final class ScsiDevices {
  private static final int FLAT_ADDRESS = 0x4000;
  private static final int SHORT_ADDRESSES = 256;

  private final Kernel kernel;
  private final Path sys;

  ScsiDevices(Kernel kernel, HostPaths paths) {
    this.kernel = kernel;
    this.sys = paths.sys();
  }

  /**
   * A LUN's device on one session.
   *
   * @param directory in sysfs, ".../session7/target3:0:0/3:0:0:1"
   * @param name of the block device, "sdb"
   */
  record Device(Path directory, String name) {}

  /**
   * Has the kernel look at exactly this LUN of the session's target (Documentation/ABI of {@code
   * scsi_host/scan}: channel, target, LUN).
   */
  void scan(int session, int lun) throws IOException {
    Path directory = directory(session);
    Path target = directory.resolve("iscsi_session/session" + session).resolve("target_id");
    String id = Files.isReadable(target) ? Files.readString(target).strip() : "0";
    kernel.writeAttributeFile(
        sys.resolve("class/scsi_host").resolve(host(directory)).resolve("scan"),
        "0 %s %d".formatted(id, lun < SHORT_ADDRESSES ? lun : FLAT_ADDRESS | lun));
  }

  private Path directory(int session) throws IOException {
    return sys.resolve("class/iscsi_session/session" + session)
        .toRealPath() // .../host3/session7/iscsi_session/session7
        .resolve("../..")
        .normalize();
  }

  private static String host(Path session) throws IOException {
    for (Path part : session) {
      if (part.toString().matches("host[0-9]+")) {
        return part.toString();
      }
    }
    throw new IOException("%s belongs to no SCSI host".formatted(session));
  }

  /** The LUN's device on that session, once the kernel has made it. */
  Optional<Device> find(int session, String wwid) throws IOException {
    for (Path lun : luns(session)) {
      Optional<String> name = blockDevice(lun);
      if (name.isPresent() && is(lun, wwid)) {
        return Optional.of(new Device(lun, name.get()));
      }
    }
    return Optional.empty();
  }

  /** The LUN's devices on all sessions: more than one where there are several ways to it. */
  List<Device> find(String wwid) throws IOException {
    List<Device> found = new ArrayList<>();
    for (Path session : entries(sys.resolve("class/iscsi_session"), "session[0-9]*")) {
      int number = Integer.parseInt(session.getFileName().toString().substring("session".length()));
      find(number, wwid).ifPresent(found::add);
    }
    return found;
  }

  /** Whether the session has any device, ours or not. */
  boolean hasDevices(int session) throws IOException {
    return luns(session).stream().anyMatch(lun -> Files.isDirectory(lun.resolve("block")));
  }

  private List<Path> luns(int session) throws IOException {
    List<Path> luns = new ArrayList<>();
    for (Path target : entries(directory(session), "target*")) {
      luns.addAll(entries(target, "[0-9]*:[0-9]*:[0-9]*:[0-9]*"));
    }
    return luns;
  }

  private static Optional<String> blockDevice(Path lun) throws IOException {
    return entries(lun.resolve("block"), "*").stream()
        .map(device -> device.getFileName().toString())
        .findFirst();
  }

  /** Whether its page 0x83, as the kernel read it, has the name. */
  private static boolean is(Path lun, String wwid) throws IOException {
    Path page = lun.resolve("vpd_pg83");
    return Files.isReadable(page)
        && DeviceIdentification.names(Files.readAllBytes(page)).contains(wwid);
  }

  /** What waits for the device fails, and what is asked of it later. */
  void takeOffline(Device device) throws IOException {
    kernel.writeAttributeFile(device.directory().resolve("state"), "offline");
  }

  /** Has the kernel forget the device. */
  void delete(Device device) throws IOException {
    kernel.writeAttributeFile(device.directory().resolve("delete"), "1");
  }

  /** The multipath map over the device, "mpatha"; empty where there is none. */
  Optional<String> map(Device device) throws IOException {
    for (Path holder :
        entries(
            device.directory().resolve("block").resolve(device.name()).resolve("holders"),
            "dm-*")) {
      Path map = sys.resolve("class/block").resolve(holder.getFileName()).resolve("dm");
      if (Files.readString(map.resolve("uuid")).startsWith("mpath-")) {
        return Optional.of(Files.readString(map.resolve("name")).strip());
      }
    }
    return Optional.empty();
  }

  /** Missing, or going away while it is read: none. */
  private static List<Path> entries(Path directory, String glob) throws IOException {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
        found.forEach(entries::add);
      }
    }
    entries.sort(null);
    return entries;
  }
}
