package dev.ramet.storage.iscsi;

import dev.ramet.storage.iscsi.Programs.Invocation;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a {@code qemu-storage-daemon} is started for a LUN (qemu-storage-daemon(1)). It leaves its
 * starter's session by itself ({@code --daemonize}) once the file is the LUN. The secret comes by
 * its standard input: no file and no command line ever holds it.
 */
final class QemuCommand {
  /** Connecting, with a target that answered an instant ago. */
  private static final Duration START = Duration.ofSeconds(10);

  /**
   * libiscsi tries again by itself when a connection breaks: after so many seconds without an
   * answer to what was sent (TCP_USER_TIMEOUT), and so many attempts to connect (TCP_SYNCNT).
   */
  private static final Map<String, String> RECONNECTING =
      Map.of("LIBISCSI_TCP_USER_TIMEOUT", "15000", "LIBISCSI_TCP_SYNCNT", "3");

  private QemuCommand() {}

  static Invocation start(String initiator, TargetPortal portal, LunAddress address, Path disk) {
    Optional<Chap> chap = address.chapIfAny();
    List<String> command = new ArrayList<>(List.of(QemuDaemons.PROGRAM, "--daemonize"));
    if (chap.isPresent()) {
      command.add("--object");
      command.add("{\"qom-type\":\"secret\",\"id\":\"chap\",\"file\":\"/dev/stdin\"}");
    }
    command.add("--blockdev");
    command.add(blockdev(initiator, portal, address.lun(), chap));
    command.add("--export");
    command.add(export(disk));
    return new Invocation(command, RECONNECTING, chap.map(Chap::secret), START);
  }

  /**
   * No time-out for commands ({@code timeout}): they wait while the target is away, as on a disk,
   * instead of failing in the midst of a restart of it.
   */
  private static String blockdev(
      String initiator, TargetPortal portal, int lun, Optional<Chap> chap) {
    String login =
        chap.map(who -> ",\"user\":%s,\"password-secret\":\"chap\"".formatted(json(who.user())))
            .orElse("");
    return "{\"driver\":\"iscsi\",\"node-name\":\"lun\",\"transport\":\"tcp\",\"portal\":%s,\"target\":%s,\"lun\":%d,\"initiator-name\":%s,\"timeout\":0,\"discard\":\"unmap\"%s}"
        .formatted(json(portal.address()), json(portal.iqn()), lun, json(initiator), login);
  }

  /** The argument that tells the daemon of this file from all others. */
  static String export(Path disk) {
    return "{\"type\":\"fuse\",\"id\":\"disk\",\"node-name\":\"lun\",\"mountpoint\":%s,\"writable\":true,\"growable\":false,\"allow-other\":\"off\"}"
        .formatted(json(disk.toString()));
  }

  private static String json(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
