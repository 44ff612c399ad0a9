package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The TCP sockets on which processes listen, as the kernel lists them. */
final class Listening {
  private static final String LISTEN = "0A";
  private static final int STATE = 3;
  private static final int INODE = 9;

  /** 127.0.0.1, ::1, and 127.0.0.1 as a socket of both families has it; words in host order. */
  private static final Set<String> LOOPBACK =
      Set.of("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F");

  private Listening() {}

  /**
   * Ports of these processes and all below them.
   *
   * @throws AssertionError where one is reached from elsewhere than this machine
   */
  static Set<Integer> onLoopbackOnly(Collection<Long> processes) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (long pid : processes) {
      inodes.addAll(sockets(pid));
      ProcessHandle.of(pid).stream()
          .flatMap(ProcessHandle::descendants)
          .forEach(child -> inodes.addAll(sockets(child.pid())));
    }
    Set<Integer> ports = new TreeSet<>();
    for (String family : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net", family))) {
        String[] fields = line.strip().split("\\s+");
        if (fields[STATE].equals(LISTEN) && inodes.contains(fields[INODE])) {
          String[] local = fields[1].split(":");
          if (!LOOPBACK.contains(local[0])) {
            throw new AssertionError("listens on an address of others: " + line);
          }
          ports.add(Integer.parseInt(local[1], 16));
        }
      }
    }
    return ports;
  }

  private static List<String> sockets(long pid) {
    List<String> inodes = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path file : files) {
        String target = link(file);
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
      return inodes;
    } catch (java.nio.file.NoSuchFileException e) {
      return inodes; // it ended meanwhile
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String link(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }
}
