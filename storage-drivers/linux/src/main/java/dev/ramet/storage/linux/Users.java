package dev.ramet.storage.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds, through /proc, who keeps a mounted file system busy. Cost: a look at every process. */
public final class Users {
  private static final Path PROC = Path.of("/proc");
  private static final int NAMED = 5;

  private Users() {}

  /**
   * The processes that use what is mounted on the directory, and mounts below it, in words:
   * "postgres (pid 812), tail (pid 9)". Processes of another mount namespace that has the device
   * mounted are users.
   *
   * @param device the device's number, "7:3"
   */
  public static String of(Path directory, String device) {
    List<String> users = new ArrayList<>(mountsBelow(directory));
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (uses(process, directory, device)) {
          users.add("%s (pid %s)".formatted(command(process), process.getFileName()));
        }
      }
    } catch (IOException e) {
      users.add("(/proc cannot be read: " + e.getMessage() + ")");
    }
    return inWords(users);
  }

  private static String inWords(List<String> users) {
    if (users.isEmpty()) {
      return "nobody that /proc shows";
    }
    String named = String.join(", ", users.subList(0, Math.min(NAMED, users.size())));
    return users.size() > NAMED ? named + " and %d more".formatted(users.size() - NAMED) : named;
  }

  private static boolean uses(Path process, Path directory, String device) {
    return linksInto(process.resolve("cwd"), directory)
        || linksInto(process.resolve("root"), directory)
        || linksInto(process.resolve("exe"), directory)
        || hasOpen(process.resolve("fd"), directory)
        || hasMapped(process, directory)
        || hasMountedElsewhere(process, device);
  }

  private static boolean linksInto(Path link, Path directory) {
    try {
      return Files.readSymbolicLink(link).startsWith(directory);
    } catch (IOException e) {
      return false; // the process is gone, or a thread of the kernel
    }
  }

  private static boolean hasOpen(Path descriptors, Path directory) {
    try (Stream<Path> links = Files.list(descriptors)) {
      return links.anyMatch(link -> linksInto(link, directory));
    } catch (IOException e) {
      return false; // the process is gone
    }
  }

  private static boolean hasMapped(Path process, Path directory) {
    String below = " " + directory + "/";
    return linesOf(process.resolve("maps")).stream().anyMatch(line -> line.contains(below));
  }

  private static boolean hasMountedElsewhere(Path process, String device) {
    String number = " " + device + " ";
    return !sameNamespace(process)
        && linesOf(process.resolve("mountinfo")).stream().anyMatch(line -> line.contains(number));
  }

  private static boolean sameNamespace(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("ns/mnt"))
          .equals(Files.readSymbolicLink(PROC.resolve("self/ns/mnt")));
    } catch (IOException e) {
      return true; // the process is gone
    }
  }

  private static List<String> mountsBelow(Path directory) {
    String below = " " + directory + "/";
    return linesOf(PROC.resolve("self/mountinfo")).stream()
        .filter(line -> line.contains(below))
        .map(line -> "the mount on " + line.split(" ", 6)[4])
        .toList();
  }

  private static String command(Path process) {
    List<String> lines = linesOf(process.resolve("comm"));
    return lines.isEmpty() ? "?" : lines.getFirst();
  }

  private static List<String> linesOf(Path file) {
    try {
      return Files.readAllLines(file, ISO_8859_1);
    } catch (IOException e) {
      return List.of(); // the process is gone
    }
  }
}
