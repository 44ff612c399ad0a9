package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where things are in a pool: {@code volumes/<id>.raw}, {@code snapshots/<id>.raw}, {@code
 * mnt/<id>/}.
 *
 * @param root the pool's directory, without symbolic links
 */
record PoolLayout(Path root) {
  private static final String SUFFIX = ".raw";

  /** Whether a pool was made there. */
  boolean exists() {
    return Files.isDirectory(volumes()) && Files.isDirectory(snapshots());
  }

  Path volumes() {
    return root.resolve("volumes");
  }

  Path snapshots() {
    return root.resolve("snapshots");
  }

  Path mounts() {
    return root.resolve("mnt");
  }

  Path volume(VolumeId id) {
    return volumes().resolve(id.value() + SUFFIX);
  }

  Path snapshot(SnapshotId id) {
    return snapshots().resolve(id.value() + SUFFIX);
  }

  Path mount(VolumeId id) {
    return mounts().resolve(id.value());
  }

  Optional<VolumeId> volumeIdOf(Path file) {
    return idOf(file, SUFFIX, VolumeId::new);
  }

  Optional<SnapshotId> snapshotIdOf(Path file) {
    return idOf(file, SUFFIX, SnapshotId::new);
  }

  Optional<VolumeId> mountIdOf(Path directory) {
    return idOf(directory, "", VolumeId::new);
  }

  private static <T> Optional<T> idOf(Path file, String suffix, Function<String, T> grammar) {
    String name = file.getFileName().toString();
    if (!name.endsWith(suffix)) {
      return Optional.empty();
    }
    try {
      return Optional.of(grammar.apply(name.substring(0, name.length() - suffix.length())));
    } catch (StorageException e) {
      return Optional.empty(); // no name that this driver gives
    }
  }

  static List<Path> entries(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      found.forEach(entries::add);
    }
    entries.sort(null);
    return entries;
  }
}
