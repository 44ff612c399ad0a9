package dev.ramet.agent.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** What the kernel says of the host in {@code /proc}; see proc(5) for the formats. */
final class ProcFiles {
  /** State of a listening socket in /proc/net/tcp. */
  private static final String LISTEN = "0A";

  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;

  private final Path root;

  /**
   * Made once.
   *
   * @param root normally "/proc"
   */
  ProcFiles(Path root) {
    this.root = root;
  }

  /** Memory of the host, in bytes. */
  record Memory(long total, long available) {}

  Memory memory() {
    long total = 0;
    long available = 0;
    try (BufferedReader lines = reader("meminfo")) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("MemTotal:")) {
          total = kibibytes(line);
        } else if (line.startsWith("MemAvailable:")) {
          available = kibibytes(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Memory(total, available);
  }

  /** Identity of the kernel's current run; empty where there is none. */
  String bootId() {
    try {
      return Files.readString(root.resolve("sys/kernel/random/boot_id")).strip();
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** TCP ports that something listens on, on any address. */
  SortedSet<Integer> listeningPorts(IntPredicate wanted) {
    SortedSet<Integer> ports = new TreeSet<>();
    for (String file : new String[] {"net/tcp", "net/tcp6"}) {
      if (!Files.exists(root.resolve(file))) {
        // a kernel without IPv6 has no tcp6
        continue;
      }
      try (BufferedReader lines = reader(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          int port = listeningPort(line);
          if (port > 0 && wanted.test(port)) {
            ports.add(port);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return ports;
  }

  /** "0: 0100007F:3A98 00000000:0000 0A ...": the port, or -1. */
  private static int listeningPort(String line) {
    String[] fields = line.strip().split("\\s+", STATE + 2);
    if (fields.length <= STATE || !fields[STATE].equals(LISTEN)) {
      return -1;
    }
    String local = fields[LOCAL_ADDRESS];
    return Integer.parseInt(local.substring(local.lastIndexOf(':') + 1), 16);
  }

  /** "MemTotal: 24689764 kB". */
  private static long kibibytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
  }

  private BufferedReader reader(String file) throws IOException {
    return Files.newBufferedReader(root.resolve(file), StandardCharsets.US_ASCII);
  }
}
