package dev.ramet.agent.engine.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks at files that strangers wrote: never through a link, never into a pipe. */
final class VolumePaths {
  private static final int MOST_NAMES = 20;
  private static final int LARGEST_TEXT = 4 << 20;

  private VolumePaths() {}

  /** Whether it is a folder itself. */
  static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether it is a file with content itself. */
  static boolean isFile(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The folder of this relative path, if it and all above it are folders of the volume itself.
   *
   * @param relative without ".." at its begin; empty: the root
   */
  static Optional<Path> folder(Path root, String relative) {
    Path path = root;
    if (!relative.isEmpty()) {
      for (Path name : Path.of(relative)) {
        path = path.resolve(name);
        if (!isFolder(path)) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(path);
  }

  /** The lines of a small text file; none where there is no such file. */
  static List<String> lines(Path file) {
    try {
      if (!isFile(file) || Files.size(file) > LARGEST_TEXT) {
        return List.of();
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw VolumeLayout.failure("read", file, e);
    }
  }

  /** What lies in a folder. */
  static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted(Comparator.naturalOrder()).toList();
    } catch (IOException e) {
      throw VolumeLayout.failure("read", folder, e);
    }
  }

  static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Names as they can be shown in a message, the first few of them. */
  static String shown(List<String> names) {
    if (names.isEmpty()) {
      return "nothing";
    }
    List<String> first =
        new ArrayList<>(names.stream().limit(MOST_NAMES).map(VolumePaths::shown).toList());
    if (names.size() > MOST_NAMES) {
      first.add("and %d more".formatted(names.size() - MOST_NAMES));
    }
    return String.join(", ", first);
  }

  private static String shown(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }
}
