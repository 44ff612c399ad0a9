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
          SnapshotId origin = volumes.attribute(id.value(), ORIGIN, SnapshotId::new).orElse(null);
          return new Volume(id, origin, size, null, mounts.find(id).orElse(null));
        });
  }

  Optional<Snapshot> snapshot(SnapshotId id) throws IOException {
    return present(
        snapshots,
        id.value(),
        size -> {
          VolumeId source = snapshots.attribute(id.value(), SOURCE, VolumeId::new).orElse(null);
          return source == null ? null : new Snapshot(id, source, size);
        });
  }

  private interface Reading<T> {
    @Nullable T of(ByteSize size) throws IOException;
  }

  private static <T> Optional<T> present(Subvolumes among, String id, Reading<T> reading)
      throws IOException {
    try {
      Optional<ByteSize> size =
          among.attribute(id, SIZE, text -> new ByteSize(Long.parseLong(text)));
      return size.isEmpty() ? Optional.empty() : Optional.ofNullable(reading.of(size.get()));
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
      read(
          "volumes/" + name,
          leftovers,
          () -> {
            Optional<VolumeId> id = idOf(name, VolumeId::new);
            return id.isEmpty() ? Optional.empty() : volume(id.get(), mounts);
          },
          foundVolumes);
    }
    for (String name : snapshots.names()) {
      read(
          "snapshots/" + name,
          leftovers,
          () -> {
            Optional<SnapshotId> id = idOf(name, SnapshotId::new);
            return id.isEmpty() ? Optional.empty() : snapshot(id.get());
          },
          foundSnapshots);
    }
    volumes.unfinished().forEach(name -> unfinished(leftovers, "volumes/" + name));
    snapshots.unfinished().forEach(name -> unfinished(leftovers, "snapshots/" + name));
    mountPoints(leftovers);
    return new Listing(foundVolumes, foundSnapshots, leftovers);
  }

  private interface Look<T> {
    Optional<T> take() throws IOException;
  }

  /** What cannot be read hides nothing else. */
  private static <T> void read(String name, List<Leftover> leftovers, Look<T> look, List<T> into) {
    try {
      look.take()
          .ifPresentOrElse(
              into::add,
              () ->
                  leftovers.add(
                      new Leftover(
                          name, "not made by this driver; it was put here by somebody else")));
    } catch (IOException e) {
      leftovers.add(unreadable(name, e));
    }
  }

  private void mountPoints(List<Leftover> leftovers) throws IOException {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root.resolve("mnt"))) {
      for (Path directory : directories) {
        mountPoint(directory.getFileName().toString(), directory).ifPresent(leftovers::add);
      }
    }
  }

  private Optional<Leftover> mountPoint(String volume, Path directory) {
    String name = "mnt/" + volume;
    try {
      if (MountPoint.at(directory).isEmpty()) {
        return Optional.of(new Leftover(name, "mount point of a volume that is not attached"));
      }
    } catch (IOException e) {
      return Optional.of(unreadable(name, e));
    }
    return volumes.exists(volume)
        ? Optional.empty()
        : Optional.of(new Leftover(name, "mounted, but its volume is gone"));
  }

  private static Leftover unreadable(String name, IOException cause) {
    return new Leftover(name, "cannot be read: " + cause.getMessage());
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
