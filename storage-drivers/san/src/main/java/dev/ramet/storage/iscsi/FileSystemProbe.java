package dev.ramet.storage.iscsi;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.iscsi.Programs.Completed;
import dev.ramet.storage.iscsi.Programs.Invocation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks for the file system on a LUN, by blkid(8) and partx(8) of util-linux: on the LUN itself, or
 * in the one partition that has one. Changes nothing. Cost: one process; with partitions, two more
 * and one for each of them.
 */
final class FileSystemProbe {
  private static final Set<String> KNOWN = Set.of("ext4", "xfs");
  private static final Duration AT_MOST = Duration.ofSeconds(10);
  private static final int SECTOR = 512;

  private final Programs programs;

  FileSystemProbe(Programs programs) {
    this.programs = programs;
  }

  /** A part of the LUN: a size of 0 is all of it. */
  private record Part(String name, long offset, long size) {}

  /**
   * The one file system on the LUN.
   *
   * @throws StorageException {@code DEVICE} listing what was found, where that is no file system
   *     that can be used, or more than one
   */
  FileSystem find(Path lun) throws IOException {
    Map<String, String> found = look(lun, new Part("", 0, 0));
    if (found.containsKey("TYPE") || !found.containsKey("PTTYPE")) {
      return fileSystem(found, new Part("the LUN", 0, 0));
    }
    List<FileSystem> systems = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (Part part : partitions(lun)) {
      Map<String, String> inside = look(lun, part);
      rest.add("%s: %s".formatted(part.name(), type(inside)));
      if (KNOWN.contains(type(inside))) {
        systems.add(fileSystem(inside, part));
      }
    }
    if (systems.size() != 1) {
      throw unfit(
          "the LUN has a partition table (%s) with %d file systems, not one: %s"
              .formatted(found.get("PTTYPE"), systems.size(), String.join(", ", rest)));
    }
    return systems.getFirst();
  }

  private static FileSystem fileSystem(Map<String, String> found, Part part) {
    String type = type(found);
    if (!KNOWN.contains(type)) {
      throw unfit(
          switch (type) {
            case "nothing" -> "nothing is on %s".formatted(part.name());
            case "LVM2_member" -> "LVM (LVM2_member) is on %s".formatted(part.name());
            default -> "%s is on %s".formatted(type, part.name());
          });
    }
    int blockSize = Integer.parseInt(found.getOrDefault("BLOCK_SIZE", String.valueOf(SECTOR)));
    return new FileSystem(type, blockSize, part.offset(), part.size());
  }

  private static StorageException unfit(String found) {
    return new StorageException(
        StorageError.DEVICE,
        "no file system to mount: %s; ext4 and XFS can be used, on the LUN itself or in its only partition with a file system"
            .formatted(found));
  }

  private static String type(Map<String, String> found) {
    return found.getOrDefault("TYPE", "nothing");
  }

  /** blkid ends with 2 where it finds nothing, with 8 where more than one thing is there. */
  private Map<String, String> look(Path lun, Part part) throws IOException {
    List<String> command = new ArrayList<>(List.of("blkid", "-p", "-o", "export"));
    if (part.size() != 0) {
      command.addAll(
          List.of("-O", String.valueOf(part.offset()), "-S", String.valueOf(part.size())));
    }
    command.add(lun.toString());
    Completed completed = run(command);
    if (completed.exit() == 8) {
      throw unfit("traces of more than one are there, as blkid -p %s says".formatted(lun));
    }
    Map<String, String> keys = new HashMap<>();
    for (String line : completed.output().lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        keys.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return keys;
  }

  private List<Part> partitions(Path lun) throws IOException {
    Completed completed =
        run(
            List.of(
                "partx", "--raw", "--noheadings", "--output", "NR,START,SECTORS", lun.toString()));
    List<Part> parts = new ArrayList<>();
    for (String line : completed.output().lines().toList()) {
      String[] fields = line.strip().split(" +", -1);
      parts.add(
          new Part(
              "partition " + fields[0],
              Long.parseLong(fields[1]) * SECTOR,
              Long.parseLong(fields[2]) * SECTOR));
    }
    return parts;
  }

  private Completed run(List<String> command) throws IOException {
    return programs.run(Invocation.of(AT_MOST, command.toArray(String[]::new)));
  }
}
