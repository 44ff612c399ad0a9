package dev.ramet.agent.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFilesTest {
  @TempDir Path proc;

  @Test
  void memoryIsReadInBytes() throws IOException {
    Files.writeString(
        proc.resolve("meminfo"),
        """
        MemTotal:       24689764 kB
        MemFree:         1000000 kB
        MemAvailable:   22345678 kB
        HugePages_Total:       0
        """);
    assertThat(new ProcFiles(proc).memory())
        .isEqualTo(new ProcFiles.Memory(24689764L << 10, 22345678L << 10));
  }

  @Test
  void portsThatSomethingListensOnAreFoundOnceAndOthersAreNot() throws IOException {
    Files.createDirectory(proc.resolve("net"));
    Files.writeString(
        proc.resolve("net/tcp"),
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:3A98 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
           1: 0100007F:3A99 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
         120: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0
        """);
    Files.writeString(
        proc.resolve("net/tcp6"),
        """
          sl  local_address                         remote_address                        st
           0: 00000000000000000000000001000000:3A98 00000000000000000000000000000000:0000 0A 0
           1: 00000000000000000000000000000000:3A9A 00000000000000000000000000000000:0000 0A 0
        """);
    assertThat(new ProcFiles(proc).listeningPorts(port -> port >= 15000))
        .containsExactly(15000, 15002);
  }

  @Test
  void aHostWithoutIpv6HasNoTcp6() throws IOException {
    Files.createDirectory(proc.resolve("net"));
    Files.writeString(proc.resolve("net/tcp"), "sl local_address rem_address st\n");
    assertThat(new ProcFiles(proc).listeningPorts(_ -> true)).isEmpty();
  }

  @Test
  void theRealKernelIsUnderstood() throws IOException {
    ProcFiles real = new ProcFiles(Path.of("/proc"));
    assertThat(real.memory().total()).isGreaterThan(real.memory().available()).isPositive();
    assertThat(real.bootId()).hasSize(36);
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(real.listeningPorts(_ -> true)).contains(socket.getLocalPort());
    }
  }
}
