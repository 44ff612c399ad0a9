package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.storage.linux.Waits;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A real array: {@code tgtd} of the package tgt on a free port, exporting files. Its control number
 * follows from its port.
 */
final class Tgt implements AutoCloseable {
  static final int LUN = 1;
  private static final Path SOCKETS = Path.of("/var/run/tgtd");

  private final int port;
  private final Path log;
  private final List<Export> exports = new ArrayList<>();
  private final Map<String, String> accounts = new HashMap<>();
  private Process daemon;

  /** A file behind a target of its own. */
  record Export(int target, String iqn, String wwid, Path file, Chap chap) {}

  private Tgt(Path directory) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    log = directory.resolve("tgtd.log");
    daemon = run();
  }

  static Tgt start(Path directory) throws IOException {
    assertThat(new HostPrograms().has("tgtd"))
        .as("tgtd is not installed: install the package tgt (apt-get install tgt)")
        .isTrue();
    return new Tgt(directory);
  }

  private Process run() throws IOException {
    Process started =
        new ProcessBuilder("tgtd", "-f", "--iscsi", "portal=" + portal(), "-C", control())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    assertThat(Waits.until(() -> answers(), Duration.ofSeconds(10)))
        .as("tgtd, see " + log)
        .isTrue();
    return started;
  }

  private boolean answers() throws IOException {
    return Lab.exit(
            new ProcessBuilder(command("--op", "show", "--mode", "target"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start())
        == 0;
  }

  /** A number below 2^15, as tgtd wants it; unique as the port is. */
  private String control() {
    return String.valueOf(port & 0x7fff);
  }

  String portal() {
    return "127.0.0.1:" + port;
  }

  /** The n-th target, open to all initiators; with CHAP where one is given. */
  Export export(Path file, Chap chap) throws IOException {
    int target = exports.size() + 1;
    String wwid = "naa.6%031x".formatted(0x700000000000L + (long) port * 1000 + target);
    Export export =
        new Export(target, "iqn.2026-11.dev.ramet:t%d".formatted(target), wwid, file, chap);
    exports.add(export);
    make(export);
    return export;
  }

  Export export(Path file) throws IOException {
    return export(file, null);
  }

  LunAddress address(Export export) {
    return address(export, export.wwid(), export.chap());
  }

  LunAddress address(Export export, String wwid, Chap chap) {
    return new LunAddress(List.of(new TargetPortal(portal(), export.iqn())), LUN, wwid, chap, null);
  }

  private void make(Export export) throws IOException {
    String tid = String.valueOf(export.target());
    String lun = String.valueOf(LUN);
    String id = "scsi_id=" + export.wwid().substring("naa.".length());
    admin("--op", "new", "--mode", "target", "--tid", tid, "-T", export.iqn());
    admin(
        "--op",
        "new",
        "--mode",
        "logicalunit",
        "--tid",
        tid,
        "--lun",
        lun,
        "-b",
        export.file().toString());
    admin("--op", "update", "--mode", "logicalunit", "--tid", tid, "--lun", lun, "--params", id);
    if (export.chap() != null) {
      String user = export.chap().user();
      if (accounts.putIfAbsent(user, export.chap().secret()) == null) {
        admin(
            "--op",
            "new",
            "--mode",
            "account",
            "--user",
            user,
            "--password",
            export.chap().secret());
      }
      admin("--op", "bind", "--mode", "account", "--tid", tid, "--user", user);
    }
    admin("--op", "bind", "--mode", "target", "--tid", tid, "-I", "ALL");
  }

  /** Makes a LUN vanish under its users. */
  void remove(Export export) throws IOException {
    admin(
        "--op", "delete", "--mode", "target", "--tid", String.valueOf(export.target()), "--force");
  }

  /** How many sessions it has. */
  long sessions() throws IOException {
    return admin("--op", "show", "--mode", "target")
        .lines()
        .filter(line -> line.contains("I_T nexus:"))
        .count();
  }

  /** Stops answering, with all connections open. */
  void freeze() throws IOException {
    Lab.run("kill", "-STOP", String.valueOf(daemon.pid()));
  }

  void thaw() throws IOException {
    Lab.run("kill", "-CONT", String.valueOf(daemon.pid()));
  }

  void kill() {
    Lab.kill(daemon);
  }

  /** Starts it again, with the exports it had. */
  void restart() throws IOException {
    accounts.clear();
    daemon = run();
    for (Export export : exports) {
      make(export);
    }
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of("tgtadm", "-C", control(), "--lld", "iscsi"));
    command.addAll(List.of(arguments));
    return command;
  }

  private String admin(String... arguments) throws IOException {
    return Lab.run(command(arguments).toArray(String[]::new));
  }

  @Override
  public void close() throws IOException {
    Lab.kill(daemon);
    Files.deleteIfExists(SOCKETS.resolve("socket." + control()));
    Files.deleteIfExists(SOCKETS.resolve("socket." + control() + ".lock"));
  }
}
