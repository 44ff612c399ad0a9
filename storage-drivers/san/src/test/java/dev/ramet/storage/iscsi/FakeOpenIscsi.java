package dev.ramet.storage.iscsi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A host with open-iscsi, of files: {@code iscsiadm} answers as version 2.1.8 was recorded to, and
 * a login makes what the kernel shows of a session and the LUNs behind it.
 */
final class FakeOpenIscsi implements Programs, AutoCloseable {
  /** Recorded, with their exit codes. */
  private static final Completed NO_SESSIONS = new Completed(21, "iscsiadm: No active sessions.\n");

  private static final Completed NO_RECORDS = new Completed(21, "iscsiadm: No records found\n");

  static final Completed NO_DAEMON =
      new Completed(
          20,
          """
          Logging in to [iface: default, target: iqn.2026-11.dev.ramet:t1, portal: 10.0.0.5,3260]
          iscsiadm: iscsid is not running. Could not start it up automatically using the startup command in the iscsid.conf iscsid.startup setting. Please check that the file exists or that your init scripts have started iscsid.
          iscsiadm: can not connect to iSCSI daemon (111)!
          iscsiadm: Could not login to [iface: default, target: iqn.2026-11.dev.ramet:t1, portal: 10.0.0.5,3260].
          iscsiadm: initiator reported error (20 - could not connect to iscsid)
          iscsiadm: Could not log into all portals
          """);

  private static final String RECORD =
      """
      # BEGIN RECORD 2.1.8
      node.name = %s
      node.tpgt = -1
      node.startup = automatic
      iface.iscsi_ifacename = default
      node.session.auth.authmethod = None
      node.session.scan = auto
      node.conn[0].address = %s
      node.conn[0].port = %s
      # END RECORD
      """;

  final HostPaths paths;
  final List<String> commands = new ArrayList<>();

  /** Answers that stand before what the fake would say, by a word of the command. */
  final Map<String, Completed> answers = new HashMap<>();

  /** LUNs that each target has: name of the device, by WWID. */
  final Map<String, String> luns = new HashMap<>();

  private final TreeMap<Integer, String[]> sessions = new TreeMap<>();
  private final List<Path> devices = new CopyOnWriteArrayList<>();
  private final Thread kernel = Thread.ofPlatform().daemon().start(this::removeDeleted);

  FakeOpenIscsi(Path root) throws IOException {
    paths =
        new HostPaths(
            root.resolve("sys"), root.resolve("dev"), root.resolve("iscsi"), root.resolve("run"));
    for (Path directory :
        List.of(
            paths.sys().resolve("class/iscsi_session"),
            paths.sys().resolve("class/iscsi_transport/tcp"),
            paths.dev(),
            paths.iscsi(),
            paths.run())) {
      Files.createDirectories(directory);
    }
  }

  /** As the kernel does when {@code delete} is written to. */
  private void removeDeleted() {
    try {
      while (true) {
        for (Path device : devices) {
          if (Files.readString(device.resolve("delete")).equals("1")) {
            devices.remove(device);
            Files.move(device.resolve("block"), device.resolve("gone"));
          }
        }
        Thread.sleep(2);
      }
    } catch (IOException | InterruptedException e) {
      return; // the test is over
    }
  }

  @Override
  public void close() {
    kernel.interrupt();
  }

  @Override
  public boolean has(String program) {
    return program.equals(Iscsiadm.PROGRAM);
  }

  @Override
  public Completed run(Invocation invocation) throws IOException {
    String command = invocation.toString();
    commands.add(command);
    for (Map.Entry<String, Completed> answer : answers.entrySet()) {
      if (command.contains(answer.getKey())) {
        return answer.getValue();
      }
    }
    return iscsiadm(invocation.command());
  }

  private Completed iscsiadm(List<String> command) throws IOException {
    String line = String.join(" ", command);
    if (line.equals("iscsiadm -m session")) {
      return list();
    }
    if (line.endsWith("--logout")) {
      sessions.remove(Integer.parseInt(command.get(4)));
      return new Completed(0, "");
    }
    if (!line.startsWith("iscsiadm")) {
      return new Completed(0, "");
    }
    return node(command.get(4), command.get(6), command.getLast());
  }

  private Completed list() {
    StringBuilder lines = new StringBuilder();
    sessions.forEach((number, session) ->
        lines.append("tcp: [%d] %s,1 %s (non-flash)\n".formatted(number, session[0], session[1])));
    return sessions.isEmpty() ? NO_SESSIONS : new Completed(0, lines.toString());
  }

  private Completed node(String iqn, String portal, String verb) throws IOException {
    Path record = record(iqn, portal);
    switch (verb) {
      case "new" -> {
        Files.createDirectories(record.getParent());
        String[] address = portal.split(":");
        Files.writeString(record, RECORD.formatted(iqn, address[0], address[1]));
        return new Completed(0, "New iSCSI node [tcp:...] added\n");
      }
      case "delete" -> {
        return Files.deleteIfExists(record) ? new Completed(0, "") : NO_RECORDS;
      }
      default -> {
        if (!Files.exists(record)) {
          return NO_RECORDS;
        }
        login(portal, iqn);
        return new Completed(0, "");
      }
    }
  }

  Path record(String iqn, String portal) {
    return paths.iscsi().resolve("nodes").resolve(iqn).resolve(portal.replace(':', ','));
  }

  /** A session, and what the kernel shows of it once its target was scanned. */
  int login(String portal, String iqn) throws IOException {
    int number = sessions.isEmpty() ? 1 : sessions.lastKey() + 1;
    sessions.put(number, new String[] {portal, iqn});
    String host = "host" + (number + 2);
    Path session =
        paths.sys().resolve("devices/platform").resolve(host).resolve("session" + number);
    Path shown = session.resolve("iscsi_session/session" + number);
    Files.createDirectories(shown);
    Files.writeString(shown.resolve("target_id"), "0\n");
    Files.createSymbolicLink(paths.sys().resolve("class/iscsi_session/session" + number), shown);
    Path scan = Files.createDirectories(paths.sys().resolve("class/scsi_host").resolve(host));
    Files.writeString(scan.resolve("scan"), "");
    int lun = 1;
    for (Map.Entry<String, String> device : luns.entrySet()) {
      device(session, number + 2, lun++, device.getKey(), device.getValue());
    }
    return number;
  }

  private void device(Path session, int host, int lun, String wwid, String name)
      throws IOException {
    Path device = session.resolve("target%d:0:0/%d:0:0:%d".formatted(host, host, lun));
    Files.createDirectories(device.resolve("block").resolve(name).resolve("holders"));
    String digits = wwid.substring("naa.".length());
    Files.write(
        device.resolve("vpd_pg83"),
        HexFormat.of()
            .parseHex(
                "0083%04x010300%02x%s"
                    .formatted(digits.length() / 2 + 4, digits.length() / 2, digits)));
    Files.writeString(device.resolve("delete"), "");
    Files.writeString(device.resolve("state"), "running\n");
    Files.writeString(paths.dev().resolve(name), "");
    devices.add(device);
  }

  Path device(int session, int lun) {
    int host = session + 2;
    return paths
        .sys()
        .resolve(
            "devices/platform/host%d/session%d/target%d:0:0/%d:0:0:%d"
                .formatted(host, session, host, host, lun));
  }
}
