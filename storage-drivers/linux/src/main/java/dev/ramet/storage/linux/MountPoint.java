package dev.ramet.storage.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Something mounted on a directory: the directory's device number differs from its parent's. One
 * look at the inode, however long the mount table is.
 *
 * @param path the directory
 * @param device device number ({@code st_dev})
 */
public record MountPoint(Path path, long device) {
  private static final Path BLOCK_DEVICES = Path.of("/sys/dev/block");

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  /** What is mounted on the directory; empty where nothing is or the directory is missing. */
  public static Optional<MountPoint> at(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null) {
      return Optional.empty();
    }
    try {
      long device = deviceOf(directory);
      return device == deviceOf(parent)
          ? Optional.empty()
          : Optional.of(new MountPoint(directory, device));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static long deviceOf(Path path) throws IOException {
    return (long) Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS);
  }

  /** The block device's name, "loop7"; empty where it is no block device. */
  public Optional<String> blockDevice() throws IOException {
    Path link = BLOCK_DEVICES.resolve(number());
    return Files.exists(link, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(Files.readSymbolicLink(link).getFileName().toString())
        : Optional.empty();
  }

  /** The device number as the mount table has it, "7:3" ({@code gnu_dev_major}, {@code _minor}). */
  public String number() {
    long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
    return major + ":" + minor;
  }

  /**
   * The mount's source, "/dev/loop7" ({@code /proc/self/mountinfo}, proc(5)): also where the file
   * system has device numbers of its own, as btrfs. Cost: proportional to the mount table.
   */
  public Optional<Path> source() throws IOException {
    String escaped = path.toString().replace("\\", "\\134").replace(" ", "\\040");
    Optional<Path> source = Optional.empty();
    for (String line : Files.readAllLines(MOUNTS)) {
      String[] mount = line.split(" ");
      if (mount[4].equals(escaped)) {
        int separator = Arrays.asList(mount).indexOf("-");
        source = Optional.of(Path.of(mount[separator + 2])); // the last one is on top
      }
    }
    return source;
  }
}
