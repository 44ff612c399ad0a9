package dev.ramet.storage.linux.reflink;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Listing.Leftover;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.MountPoint;
import dev.ramet.storage.linux.reflink.PoolFiles.VolumeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One look at everything in the pool: what cannot be read hides nothing else. */
final class PoolListing {
  private final PoolLayout layout;
  private final PoolFiles files;
  private final Ext4Mounts mounts;
  private final LoopDevices loops;

  private final List<Volume> volumes = new ArrayList<>();
  private final List<Snapshot> snapshots = new ArrayList<>();
  private final List<Leftover> leftovers = new ArrayList<>();

  /** Volumes that are there, readable or not. */
  private final Set<VolumeId> present = new HashSet<>();

  PoolListing(PoolLayout layout, PoolFiles files, Ext4Mounts mounts, LoopDevices loops) {
    this.layout = layout;
    this.files = files;
    this.mounts = mounts;
    this.loops = loops;
  }

  Listing read() throws IOException {
    readVolumes();
    readSnapshots();
    readMountPoints();
    readDevices();
    return new Listing(volumes, snapshots, leftovers);
  }

  private void readVolumes() throws IOException {
    for (Path file : PoolLayout.entries(layout.volumes())) {
      Optional<VolumeId> id = layout.volumeIdOf(file);
      if (id.isEmpty()) {
        leftover(file, "no volume of this driver; it was put here by somebody else");
      } else {
        readVolume(file, id.get());
      }
    }
  }

  private void readVolume(Path file, VolumeId id) {
    try {
      Optional<VolumeFile> found = files.volume(id);
      if (found.isPresent()) {
        present.add(id);
        volumes.add(volume(found.get()));
      }
    } catch (IOException e) {
      present.add(id);
      unreadable(file, e);
    }
  }

  private Volume volume(VolumeFile file) throws IOException {
    Attachment attachment = null;
    try {
      attachment = mounts.find(file.id()).orElse(null);
    } catch (StorageException e) {
      leftover(layout.mount(file.id()), String.valueOf(e.getMessage())); // a stranger's mount
    }
    return new Volume(file.id(), file.origin(), file.size(), file.limit(), attachment);
  }

  private void readSnapshots() throws IOException {
    for (Path file : PoolLayout.entries(layout.snapshots())) {
      try {
        Optional<SnapshotId> id = layout.snapshotIdOf(file);
        Optional<Snapshot> found = id.isEmpty() ? Optional.empty() : files.snapshot(id.get());
        if (found.isPresent()) {
          snapshots.add(found.get());
        } else {
          leftover(file, "no snapshot of this driver; it was put here by somebody else");
        }
      } catch (IOException e) {
        unreadable(file, e);
      }
    }
  }

  private void readMountPoints() throws IOException {
    for (Path directory : PoolLayout.entries(layout.mounts())) {
      boolean volume = layout.mountIdOf(directory).filter(present::contains).isPresent();
      try {
        if (MountPoint.at(directory).isEmpty()) {
          leftover(directory, "mount point of a volume that is not attached");
        } else if (!volume) {
          leftover(directory, "mounted, but its volume is gone; detaching it frees its storage");
        }
      } catch (IOException e) {
        unreadable(directory, e);
      }
    }
  }

  private void readDevices() throws IOException {
    for (Map.Entry<String, Path> device : loops.backedBelow(layout.root()).entrySet()) {
      boolean attached =
          layout
              .volumeIdOf(device.getValue())
              .map(layout::mount)
              .filter(directory -> isMounted(directory))
              .isPresent();
      if (!attached) {
        leftovers.add(
            new Leftover(
                device.getKey(),
                "loop device on %s that is not mounted in this pool".formatted(device.getValue())));
      }
    }
  }

  private static boolean isMounted(Path directory) {
    try {
      return MountPoint.at(directory).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private void unreadable(Path path, IOException cause) {
    leftover(path, "cannot be read: " + cause.getMessage());
  }

  private void leftover(Path path, String reason) {
    leftovers.add(new Leftover(layout.root().relativize(path).toString(), reason));
  }
}
