package dev.ramet.storage.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is mounted, by {@code /proc/self/mountinfo} (proc(5)): unlike {@link MountPoint} it touches
 * no mounted file system, so it answers also where one of them hangs or is broken. Cost of reading:
 * proportional to the table.
 *
 * @param mounts in the order of the table: of two on one directory the later is on top
 */
public record MountTable(List<Mount> mounts) {
  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /** Copies the list. */
  public MountTable {
    mounts = List.copyOf(mounts);
  }

  /**
   * One line.
   *
   * @param target where
   * @param number device number, "7:3"
   * @param type file system
   * @param source device or name
   */
  public record Mount(Path target, String number, String type, String source) {}

  /** The table as it is now. */
  public static MountTable read() throws IOException {
    return new MountTable(Files.readAllLines(TABLE).stream().map(MountTable::parse).toList());
  }

  /** What is on top at the directory or file. */
  public Optional<Mount> at(Path target) {
    return mounts.stream()
        .filter(mount -> mount.target().equals(target))
        .reduce((below, above) -> above);
  }

  static Mount parse(String line) {
    String[] fields = line.split(" ");
    int separator = Arrays.asList(fields).indexOf("-");
    return new Mount(
        Path.of(unescape(fields[4])),
        fields[2],
        fields[separator + 1],
        unescape(fields[separator + 2]));
  }

  /** The kernel writes space, tab, newline and backslash as octal numbers. */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
