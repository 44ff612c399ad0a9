package dev.ramet.storage.iscsi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Disks for arrays, and what can be seen of them on this host. */
final class Lab {
  private static final Path PROC = Path.of("/proc");

  private Lab() {}

  /** Runs a program of the lab; it must succeed. */
  static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(exit(process)).as("%s: %s", String.join(" ", command), output).isZero();
    return output;
  }

  /** Waits for its end; not by {@code onExit}, which needs a thread that a test may be blocking. */
  static int exit(Process process) {
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", process.info()).isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static void kill(Process process) {
    exit(process.destroyForcibly());
  }

  static Path empty(Path file, long mebibytes) throws IOException {
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(mebibytes << 20);
    }
    return file;
  }

  static Path ext4(Path file, int blockSize) throws IOException {
    run("mkfs.ext4", "-q", "-F", "-b", String.valueOf(blockSize), empty(file, 64).toString());
    return file;
  }

  static Path ext4(Path file) throws IOException {
    return ext4(file, 4096);
  }

  /** On sectors of 512 bytes, as most LUNs have them. */
  static Path xfs(Path file) throws IOException {
    run("mkfs.xfs", "-q", "-f", "-s", "size=512", empty(file, 320).toString());
    return file;
  }

  /** A disk with a table of partitions: this file system in the first, nothing in the second. */
  static Path partitioned(Path file, Path content) throws IOException {
    int first = 2048;
    int sectors = (int) (Files.size(content) / 512);
    ByteBuffer table = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    table.put(446 + 4, (byte) 0x83).putInt(446 + 8, first).putInt(446 + 12, sectors);
    table.put(462 + 4, (byte) 0x82).putInt(462 + 8, first + sectors).putInt(462 + 12, 2048);
    table.put(510, (byte) 0x55).put(511, (byte) 0xaa);
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength((first + sectors + 2048L) * 512);
      disk.write(table.array());
      disk.seek(first * 512L);
      disk.write(Files.readAllBytes(content));
    }
    return file;
  }

  static Path copy(Path from, Path to) throws IOException {
    run("cp", "--reflink=auto", "--sparse=always", from.toString(), to.toString());
    return to;
  }

  /** Processes whose command line has the text. */
  static List<String> commandsWith(String text) throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        String line = commandLine(process);
        if (line.contains(text)) {
          found.add(process.getFileName() + " " + line.replace('\0', ' '));
        }
      }
    }
    return found;
  }

  private static String commandLine(Path process) {
    try {
      return new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8);
    } catch (IOException e) {
      return ""; // the process is gone
    }
  }

  /** Names of everything below the directory. */
  static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
