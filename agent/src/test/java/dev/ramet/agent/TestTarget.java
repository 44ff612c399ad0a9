package dev.ramet.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real iSCSI target with one LUN, an ext4, behind CHAP: {@code tgtd} of the package tgt. */
final class TestTarget implements AutoCloseable {
  static final String IQN = "iqn.2026-11.dev.ramet:disk";
  static final String WWID = "naa.60000000000000000000000000000a1b";
  static final String USER = "host-a";
  static final String SECRET = "0123456789ab";
  static final int LUN = 1;
  static final long SIZE = 64 << 20;
  private static final Path SOCKETS = Path.of("/var/run/tgtd");

  private final int port;
  private final Process daemon;

  private TestTarget(Path dir) throws IOException, InterruptedException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    daemon =
        new ProcessBuilder("tgtd", "-f", "--iscsi", "portal=" + portal(), "-C", control())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("tgtd.log").toFile())
            .start();
    Path disk = dir.resolve("disk");
    Files.write(disk, new byte[(int) SIZE]);
    run("mkfs.ext4", "-q", "-F", disk.toString());
    export(disk);
  }

  static TestTarget start(Path dir) throws IOException, InterruptedException {
    assertThat(Path.of("/usr/sbin/tgtd"))
        .as("tgtd is not installed: install the package tgt (apt-get install tgt)")
        .exists();
    return new TestTarget(dir);
  }

  String portal() {
    return "127.0.0.1:" + port;
  }

  /** A number below 2^15, as tgtd wants it; unique as the port is. */
  private String control() {
    return String.valueOf(port & 0x7fff);
  }

  private void export(Path disk) throws IOException, InterruptedException {
    while (!Files.exists(SOCKETS.resolve("socket." + control()))) {
      assertThat(daemon.isAlive()).as("tgtd runs").isTrue();
      Thread.sleep(10);
    }
    admin("--op", "new", "--mode", "target", "--tid", "1", "-T", IQN);
    admin(
        "--op", "new", "--mode", "logicalunit", "--tid", "1", "--lun", "1", "-b", disk.toString());
    admin(
        "--op",
        "update",
        "--mode",
        "logicalunit",
        "--tid",
        "1",
        "--lun",
        "1",
        "--params",
        "scsi_id=" + WWID.substring("naa.".length()));
    admin("--op", "new", "--mode", "account", "--user", USER, "--password", SECRET);
    admin("--op", "bind", "--mode", "account", "--tid", "1", "--user", USER);
    admin("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL");
  }

  private void admin(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tgtadm", "-C", control(), "--lld", "iscsi"));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), output).isZero();
  }

  /** It does not end by SIGTERM while it has targets. */
  @Override
  public void close() throws IOException {
    daemon.destroyForcibly();
    Files.deleteIfExists(SOCKETS.resolve("socket." + control()));
    Files.deleteIfExists(SOCKETS.resolve("socket." + control() + ".lock"));
  }
}
