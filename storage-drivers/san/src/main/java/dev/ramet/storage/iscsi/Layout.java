package dev.ramet.storage.iscsi;

import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where things are: {@code luns/<id>/address} and, where user space has the LUN, {@code
 * luns/<id>/disk}; {@code mnt/<id>/}; {@code initiator-name}.
 *
 * @param root the pool's directory, without symbolic links
 */
record Layout(Path root) {

  /** Whether a pool was made there. */
  boolean exists() {
    return Files.isDirectory(luns()) && Files.isDirectory(mounts());
  }

  Path luns() {
    return root.resolve("luns");
  }

  Path mounts() {
    return root.resolve("mnt");
  }

  Path initiatorName() {
    return root.resolve("initiator-name");
  }

  Path lun(VolumeId id) {
    return luns().resolve(id.value());
  }

  Path address(VolumeId id) {
    return lun(id).resolve("address");
  }

  Path disk(VolumeId id) {
    return lun(id).resolve("disk");
  }

  Path mount(VolumeId id) {
    return mounts().resolve(id.value());
  }

  /** All ids that something here is named by. */
  Set<VolumeId> ids() throws IOException {
    Set<VolumeId> ids = new TreeSet<>((one, other) -> one.value().compareTo(other.value()));
    for (Path entry : entries()) {
      id(entry).ifPresent(ids::add);
    }
    return ids;
  }

  /** What is here and was put here by somebody else. */
  List<Path> foreign() throws IOException {
    return entries().stream().filter(entry -> id(entry).isEmpty()).toList();
  }

  private List<Path> entries() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path directory : new Path[] {luns(), mounts()}) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        entries.forEach(all::add);
      }
    }
    return all;
  }

  private static Optional<VolumeId> id(Path entry) {
    try {
      return Optional.of(new VolumeId(entry.getFileName().toString()));
    } catch (StorageException e) {
      return Optional.empty(); // no name that this driver gives
    }
  }
}
