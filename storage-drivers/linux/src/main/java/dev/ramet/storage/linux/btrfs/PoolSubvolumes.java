package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Listing.Leftover;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.MountPoint;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a pool holds: {@code volumes/<id>} and {@code snapshots/<id>}. The rest is in attributes of
 * each subvolume's root ({@code trusted.}, so that only root sees and sets them); a copy inherits
 * them, which is right for the size and harmless for the rest: a volume is never asked for a
 * source, and a snapshot never for an origin.
 */
final class PoolSubvolumes {
  static final String ORIGIN = "trusted.ramet.origin";
  static final String SOURCE = "trusted.ramet.source";
  private static final String SIZE = "trusted.ramet.size";

  private final Path root;
  private final Subvolumes volumes;
  private final Subvolumes snapshots;

  PoolSubvolumes(Kernel kernel, Path root) {
    this.root = root;
    this.volumes = new Subvolumes(kernel, root.resolve("volumes"));
    this.snapshots = new Subvolumes(kernel, root.resolve("snapshots"));
  }

  Subvolumes volumes() {
    return volumes;
  }

  Subvolumes snapshots() {
    return snapshots;
  }

  static Map<String, String> newVolume(ByteSize size) {
    return Map.of(SIZE, Long.toString(size.bytes()));
  }

  Optional<Volume> volume(VolumeId id, BindMounts mounts) throws IOException {
    return present(
        volumes,
        id.value(),
        size -> {
          SnapshotId origin =
              volumes.attribute(id.value(), ORIGIN).map(SnapshotId::new).orElse(null);
          return new Volume(id, origin, size, null, mounts.find(id).orElse(null));
        });
  }

  Optional<Snapshot> snapshot(SnapshotId id) throws IOException {
    return present(
        snapshots,
        id.value(),
        size -> {
          String source = snapshots.attribute(id.value(), SOURCE).orElse(null);
          return source == null ? null : new Snapshot(id, new VolumeId(source), size);
        });
  }

  private interface Reading<T> {
    @Nullable T of(ByteSize size) throws IOException;
  }

  private static <T> Optional<T> present(Subvolumes among, String id, Reading<T> reading)
      throws IOException {
    try {
      Optional<String> size = among.attribute(id, SIZE);
      return size.isEmpty()
          ? Optional.empty()
          : Optional.ofNullable(reading.of(new ByteSize(Long.parseLong(size.get()))));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  Listing list(BindMounts mounts) throws IOException {
    List<Volume> foundVolumes = new ArrayList<>();
    List<Snapshot> foundSnapshots = new ArrayList<>();
    List<Leftover> leftovers = new ArrayList<>();
    for (String name : volumes.names()) {
      Optional<VolumeId> id = idOf(name, VolumeId::new);
      Optional<Volume> volume = id.isEmpty() ? Optional.empty() : volume(id.get(), mounts);
      volume.ifPresentOrElse(foundVolumes::add, () -> foreign(leftovers, "volumes/" + name));
    }
    for (String name : snapshots.names()) {
      Optional<SnapshotId> id = idOf(name, SnapshotId::new);
      Optional<Snapshot> snapshot = id.isEmpty() ? Optional.empty() : snapshot(id.get());
      snapshot.ifPresentOrElse(foundSnapshots::add, () -> foreign(leftovers, "snapshots/" + name));
    }
    volumes.unfinished().forEach(name -> unfinished(leftovers, "volumes/" + name));
    snapshots.unfinished().forEach(name -> unfinished(leftovers, "snapshots/" + name));
    mountPoints(leftovers);
    return new Listing(foundVolumes, foundSnapshots, leftovers);
  }

  private void mountPoints(List<Leftover> leftovers) throws IOException {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root.resolve("mnt"))) {
      for (Path directory : directories) {
        String name = directory.getFileName().toString();
        if (MountPoint.at(directory).isEmpty()) {
          leftovers.add(
              new Leftover("mnt/" + name, "mount point of a volume that is not attached"));
        } else if (!volumes.exists(name)) {
          leftovers.add(new Leftover("mnt/" + name, "mounted, but its volume is gone"));
        }
      }
    }
  }

  private static void foreign(List<Leftover> leftovers, String name) {
    leftovers.add(new Leftover(name, "not made by this driver; it was put here by somebody else"));
  }

  private static void unfinished(List<Leftover> leftovers, String name) {
    leftovers.add(new Leftover(name, "made by a verb that was cut short; a repeat clears it"));
  }

  private static <T> Optional<T> idOf(String name, Function<String, T> grammar) {
    try {
      return Optional.of(grammar.apply(name));
    } catch (StorageException e) {
      return Optional.empty(); // no name that this driver gives
    }
  }
}
