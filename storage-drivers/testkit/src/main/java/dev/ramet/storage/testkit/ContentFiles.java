package dev.ramet.storage.testkit;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Content as files in a directory, and back. */
final class ContentFiles {
  static final SortedMap<String, byte[]> NONE = Collections.emptySortedMap();

  private ContentFiles() {}

  private interface Work<T> {
    T run() throws IOException;
  }

  private static <T> T io(Work<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new StorageException(StorageError.IO, "files of a pool in memory: " + e, e);
    }
  }

  static Path lay(Path directory, SortedMap<String, byte[]> content) {
    return io(() -> {
      Files.createDirectory(directory);
      for (var file : content.entrySet()) {
        Path path = directory.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
      return directory;
    });
  }

  static SortedMap<String, byte[]> collect(Path directory, SortedMap<String, byte[]> before) {
    return io(() -> {
      SortedMap<String, byte[]> content = new TreeMap<>();
      for (Path file : walk(directory)) {
        if (Files.isRegularFile(file)) {
          String name = directory.relativize(file).toString();
          content.put(name, InMemoryPool.shared(before, name, Files.readAllBytes(file)));
        }
      }
      return content;
    });
  }

  static void remove(Path directory) {
    io(() -> {
      for (Path path : walk(directory)) {
        Files.delete(path);
      }
      return directory;
    });
  }

  private static List<Path> walk(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    }
  }

  static void requireUnused(VolumeId id, Path directory) {
    io(() -> {
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        if (open.anyMatch(link -> pointsInto(link, directory))) {
          throw new StorageException(
              StorageError.IN_USE,
              "volume %s is in use by process %d".formatted(id, ProcessHandle.current().pid()));
        }
      }
      return directory;
    });
  }

  private static boolean pointsInto(Path link, Path directory) {
    try {
      return Files.readSymbolicLink(link).startsWith(directory);
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
