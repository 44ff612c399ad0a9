package dev.ramet.storage.linux.btrfs;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Capability;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.PoolStatus;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.SnapshotReader;
import dev.ramet.storage.SnapshotWriter;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Usage;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.VolumeSpec;
import dev.ramet.storage.linux.FileSystemStatus;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.LoopPool;
import dev.ramet.storage.linux.Verbs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Subvolumes that share extents. A volume's size is what was asked for and is kept with it, but
 * nothing enforces it: there is no {@link Capability#LIMIT}. Deleting unlinks at once; btrfs frees
 * the extents in the background within seconds. The kernel makes a snapshot within one transaction,
 * after it wrote what the subvolume's page cache holds ({@code create_snapshot} of {@code
 * fs/btrfs/ioctl.c}), so one of a live volume is of one instant too.
 */
final class BtrfsDriver implements CowDriver {
  private final Kernel kernel;
  private final Path root;
  private final PoolSubvolumes pool;
  private final BindMounts mounts;
  private final Verbs verbs;

  BtrfsDriver(Kernel kernel, Path root) {
    this.kernel = kernel;
    this.root = root;
    this.pool = new PoolSubvolumes(kernel, root);
    this.mounts = new BindMounts(kernel, pool.volumes(), root.resolve("mnt"));
    this.verbs = Verbs.in(kernel, root);
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.USAGE);
  }

  @Override
  public PoolStatus status() {
    try {
      FileSystemStatus status = LoopPool.room(kernel, root);
      return new PoolStatus(
          problem(status), new ByteSize(status.free()), new ByteSize(status.total()));
    } catch (IOException e) {
      return new PoolStatus(
          "pool %s cannot be read: %s".formatted(root, e.getMessage()),
          new ByteSize(0),
          new ByteSize(0));
    }
  }

  private @Nullable String problem(FileSystemStatus status) {
    if (!Files.isDirectory(root.resolve("volumes")) || status.type() != FileSystemStatus.BTRFS) {
      return "%s holds no btrfs pool: is its file system mounted?".formatted(root);
    }
    return status.readOnly() ? "pool %s is read-only".formatted(root) : null;
  }

  @Override
  public Volume createVolume(VolumeId id, VolumeSpec spec) {
    String doing = "create volume " + id;
    if (spec.size().bytes() == 0) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT, "a volume of no size cannot be made");
    }
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          if (!pool.volumes().exists(id.value())) {
            verbs.requireRoom(doing);
            pool.volumes().create(id.value(), PoolSubvolumes.newVolume(spec.size()));
          }
          Volume is = existing(id);
          return same(is, is.origin() == null && is.size().equals(spec.size()));
        });
  }

  @Override
  public Volume cloneVolume(VolumeId id, SnapshotId origin, CloneSpec spec) {
    String doing = "clone %s to volume %s".formatted(origin, id);
    if (spec.limitIfAny().isPresent()) {
      throw new StorageException(
          StorageError.UNSUPPORTED, "btrfs pools have no limits: clone without one");
    }
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          if (!pool.volumes().exists(id.value())) {
            require(origin);
            verbs.requireRoom(doing);
            Path source = pool.snapshots().path(origin.value());
            pool.volumes()
                .snapshot(id.value(), source, Map.of(PoolSubvolumes.ORIGIN, origin.value()), false);
          }
          Volume is = existing(id);
          return same(is, Objects.equals(is.origin(), origin));
        });
  }

  private static Volume same(Volume is, boolean asAsked) {
    if (!asAsked) {
      throw new StorageException(
          StorageError.ALREADY_EXISTS,
          "volume %s exists with origin %s, size %s: choose another id"
              .formatted(is.id(), is.origin(), is.size()));
    }
    return is;
  }

  @Override
  public Snapshot createSnapshot(SnapshotId id, VolumeId source, SnapshotMode mode) {
    String doing = "make snapshot %s of volume %s".formatted(id, source);
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          if (!pool.snapshots().exists(id.value())) {
            existing(source);
            if (mode == SnapshotMode.DETACHED) {
              mounts.requireDetached(source);
            }
            verbs.requireRoom(doing);
            Path volume = pool.volumes().path(source.value());
            pool.snapshots()
                .snapshot(id.value(), volume, Map.of(PoolSubvolumes.SOURCE, source.value()), true);
          }
          Snapshot is = pool.snapshot(id).orElseThrow(() -> missing(id));
          if (!is.source().equals(source)) {
            throw new StorageException(
                StorageError.ALREADY_EXISTS,
                "snapshot %s exists, made from volume %s: choose another id"
                    .formatted(id, is.source()));
          }
          return is;
        });
  }

  @Override
  public Attachment attach(VolumeId id) {
    return verbs.run(
        "attach volume " + id,
        StorageError.DEVICE,
        () -> {
          existing(id);
          return mounts.attach(id);
        });
  }

  @Override
  public void detach(VolumeId id) {
    verbs.execute("detach volume " + id, StorageError.DEVICE, () -> mounts.detach(id));
  }

  @Override
  public void deleteVolume(VolumeId id) {
    verbs.execute(
        "delete volume " + id,
        StorageError.IO,
        () -> {
          mounts.requireDetached(id);
          pool.volumes().delete(id.value());
          mounts.removeDirectory(id);
        });
  }

  @Override
  public void deleteSnapshot(SnapshotId id) {
    verbs.execute(
        "delete snapshot " + id, StorageError.IO, () -> pool.snapshots().delete(id.value()));
  }

  @Override
  public Optional<Volume> findVolume(VolumeId id) {
    return verbs.run("look at volume " + id, StorageError.IO, () -> pool.volume(id, mounts));
  }

  @Override
  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    return verbs.run("look at snapshot " + id, StorageError.IO, () -> pool.snapshot(id));
  }

  @Override
  public Listing list() {
    return verbs.run("list pool " + root, StorageError.POOL_UNHEALTHY, () -> pool.list(mounts));
  }

  @Override
  public Usage usage(VolumeId id) {
    return verbs.run(
        "measure volume " + id,
        StorageError.IO,
        () -> {
          existing(id);
          return new TreeUsage(kernel).of(pool.volumes().path(id.value()));
        });
  }

  @Override
  public Usage usage(SnapshotId id) {
    return verbs.run(
        "measure snapshot " + id,
        StorageError.IO,
        () -> {
          require(id);
          return new TreeUsage(kernel).of(pool.snapshots().path(id.value()));
        });
  }

  @Override
  public ByteSize growth(VolumeId id) {
    throw new StorageException(
        StorageError.UNSUPPORTED, "btrfs pools cannot tell what a volume holds beyond its origin");
  }

  @Override
  public SnapshotReader read(SnapshotId id) {
    throw noTransfer();
  }

  @Override
  public SnapshotWriter write(SnapshotId id, VolumeId source, ByteSize size) {
    throw noTransfer();
  }

  private static StorageException noTransfer() {
    return new StorageException(
        StorageError.UNSUPPORTED, "btrfs pools cannot copy snapshots between hosts");
  }

  private Volume existing(VolumeId id) throws IOException {
    return pool.volume(id, mounts)
        .orElseThrow(() ->
            new StorageException(
                StorageError.NOT_FOUND, "there is no volume %s in this pool".formatted(id)));
  }

  private void require(SnapshotId id) {
    if (!pool.snapshots().exists(id.value())) {
      throw missing(id);
    }
  }

  private static StorageException missing(SnapshotId id) {
    return new StorageException(
        StorageError.NOT_FOUND, "there is no snapshot %s in this pool".formatted(id));
  }

  @Override
  public void close() {
    // nothing is held between calls
  }
}
