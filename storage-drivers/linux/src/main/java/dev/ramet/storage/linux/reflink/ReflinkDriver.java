package dev.ramet.storage.linux.reflink;

import static dev.ramet.storage.linux.KernelException.tolerating;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.Capability;
import dev.ramet.storage.CloneSpec;
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
import dev.ramet.storage.linux.Descriptor;
import dev.ramet.storage.linux.Errno;
import dev.ramet.storage.linux.FileSystemStatus;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.linux.KernelException;
import dev.ramet.storage.linux.LoopDevice;
import dev.ramet.storage.linux.LoopDevices;
import dev.ramet.storage.linux.LoopPool;
import dev.ramet.storage.linux.Mkfs;
import dev.ramet.storage.linux.OpenFlags;
import dev.ramet.storage.linux.Verbs;
import dev.ramet.storage.linux.reflink.PoolFiles.VolumeFile;
import dev.ramet.storage.san.RawFileDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Raw files that share blocks. New files get their name last, so a verb that is cut short leaves
 * nothing; loop devices clear themselves, so a killed process leaves none; {@code
 * docs/design/0001-storage-drivers.md} has the reasons. Only {@link #createVolume} starts a
 * process.
 */
final class ReflinkDriver implements RawFileDriver {
  private static final ByteSize SMALLEST = ByteSize.ofMebi(16);
  private static final ByteSize LARGEST = ByteSize.ofGibi(16 * 1024);

  private final Kernel kernel;
  private final Mkfs mkfs;
  private final PoolLayout layout;
  private final PoolFiles files;
  private final LoopDevices loops;
  private final Ext4Mounts mounts;
  private final Verbs verbs;

  ReflinkDriver(Kernel kernel, Mkfs mkfs, PoolLayout layout, Duration patience) {
    this.kernel = kernel;
    this.mkfs = mkfs;
    this.layout = layout;
    this.files = new PoolFiles(kernel, layout);
    this.loops = new LoopDevices(kernel);
    this.mounts = new Ext4Mounts(kernel, loops, layout, patience);
    this.verbs = Verbs.in(kernel, layout.root());
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.LUN));
  }

  @Override
  public PoolStatus status() {
    try {
      FileSystemStatus status = LoopPool.room(kernel, layout.root());
      return new PoolStatus(
          problem(status), new ByteSize(status.free()), new ByteSize(status.total()));
    } catch (IOException e) {
      return new PoolStatus(
          "pool %s cannot be read: %s".formatted(layout.root(), e.getMessage()),
          new ByteSize(0),
          new ByteSize(0));
    }
  }

  private @Nullable String problem(FileSystemStatus status) {
    if (!Files.isDirectory(layout.volumes()) || !Files.isDirectory(layout.snapshots())) {
      return "%s holds no pool: is its file system mounted?".formatted(layout.root());
    }
    return status.readOnly() ? "pool %s is read-only".formatted(layout.root()) : null;
  }

  @Override
  public Volume createVolume(VolumeId id, VolumeSpec spec) {
    String doing = "create volume " + id;
    ByteSize size = wholeBlocks(spec.size());
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          Optional<VolumeFile> existing = files.volume(id);
          if (existing.isEmpty()) {
            verbs.requireRoom(doing);
            format(id, size);
            existing = files.volume(id);
          }
          return same(id, existing, null, size, null);
        });
  }

  private static ByteSize wholeBlocks(ByteSize size) {
    if (size.compareTo(SMALLEST) < 0 || size.compareTo(LARGEST) > 0) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "a volume of %s cannot be made: from %s to %s".formatted(size, SMALLEST, LARGEST));
    }
    long blocks = Math.ceilDiv(size.bytes(), (long) LoopDevices.BLOCK_SIZE);
    return new ByteSize(blocks * LoopDevices.BLOCK_SIZE);
  }

  private void format(VolumeId id, ByteSize size) throws IOException {
    try (Descriptor file = files.newVolumeFile()) {
      kernel.truncate(file.fd(), size.bytes());
      try (LoopDevice device = loops.bind(file)) {
        mkfs.ext4(device.path(), size);
      }
      kernel.sync(file.fd());
      // a name that is taken: somebody else was faster, and what they made is looked at then
      tolerating(Errno.EEXIST, () -> files.publish(file, id, null, null));
    }
  }

  @Override
  public Volume cloneVolume(VolumeId id, SnapshotId origin, CloneSpec spec) {
    String doing = "clone %s to volume %s".formatted(origin, id);
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          Optional<VolumeFile> existing = files.volume(id);
          if (existing.isEmpty()) {
            Snapshot snapshot = files.snapshot(origin).orElseThrow(() -> missing(origin));
            requireWithin(spec, snapshot);
            verbs.requireRoom(doing);
            share(id, origin, spec);
            existing = files.volume(id);
          }
          return same(id, existing, origin, null, spec);
        });
  }

  private static void requireWithin(CloneSpec spec, Snapshot origin) {
    ByteSize limit = spec.limitIfAny().orElse(origin.size());
    if (limit.compareTo(origin.size()) > 0 || limit.compareTo(SMALLEST) < 0) {
      throw new StorageException(
          StorageError.OUT_OF_RANGE,
          "a limit of %s is not possible for a clone of %s: from %s to its size, %s"
              .formatted(limit, origin.id(), SMALLEST, origin.size()));
    }
  }

  private void share(VolumeId id, SnapshotId origin, CloneSpec spec) throws IOException {
    try (Descriptor source = Descriptor.open(kernel, layout.snapshot(origin), OpenFlags.READ_ONLY);
        Descriptor file = files.newVolumeFile()) {
      kernel.cloneFile(file.fd(), source.fd());
      // a name that is taken: somebody else was faster, and what they made is looked at then
      tolerating(Errno.EEXIST, () -> files.publish(file, id, origin, spec.limit()));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        throw missing(origin);
      }
      throw e;
    }
  }

  /** The volume, if it is what was asked for. */
  private Volume same(
      VolumeId id,
      Optional<VolumeFile> found,
      @Nullable SnapshotId origin,
      @Nullable ByteSize size,
      @Nullable CloneSpec spec)
      throws IOException {
    VolumeFile is = found.orElseThrow(() -> missing(id));
    boolean same =
        Objects.equals(is.origin(), origin)
            && (size == null || is.size().equals(size))
            && (spec == null || Objects.equals(is.limit(), spec.limit()));
    if (!same) {
      throw new StorageException(
          StorageError.ALREADY_EXISTS,
          "volume %s exists with %s: choose another id"
              .formatted(
                  id,
                  "origin %s, size %s, limit %s".formatted(is.origin(), is.size(), is.limit())));
    }
    return volume(is);
  }

  private Volume volume(VolumeFile file) throws IOException {
    return new Volume(
        file.id(), file.origin(), file.size(), file.limit(), mounts.find(file.id()).orElse(null));
  }

  @Override
  public Snapshot createSnapshot(SnapshotId id, VolumeId source, SnapshotMode mode) {
    String doing = "make snapshot %s of volume %s".formatted(id, source);
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          Optional<Snapshot> existing = files.snapshot(id);
          if (existing.isEmpty()) {
            if (files.volume(source).isEmpty()) {
              throw missing(source);
            }
            verbs.requireRoom(doing);
            freeze(id, source, mode);
            existing = files.snapshot(id);
          }
          return sameSource(id, existing, source);
        });
  }

  @Override
  public Path file(VolumeId id) {
    return layout.volume(id);
  }

  @Override
  public Snapshot importSnapshot(SnapshotId id, Path file) {
    String doing = "make snapshot %s of %s".formatted(id, file);
    VolumeId source = new VolumeId(id.value());
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          Optional<Snapshot> existing = files.snapshot(id);
          if (existing.isEmpty()) {
            verbs.requireRoom(doing);
            try (Descriptor raw = foreign(file)) {
              freeze(id, source, raw);
            } catch (KernelException e) {
              if (e.is(Errno.EXDEV)) {
                throw notHere(file, e);
              }
              throw e;
            }
            existing = files.snapshot(id);
          }
          return sameSource(id, existing, source);
        });
  }

  private Descriptor foreign(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new StorageException(
          StorageError.NOT_FOUND, "there is no volume's file %s".formatted(file));
    }
    if (Files.size(file) % LoopDevices.BLOCK_SIZE != 0) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "%s is no volume: its size, %d bytes, is not a multiple of %d"
              .formatted(file, Files.size(file), LoopDevices.BLOCK_SIZE));
    }
    return Descriptor.open(kernel, file, OpenFlags.READ_ONLY | OpenFlags.NO_FOLLOW);
  }

  private StorageException notHere(Path file, KernelException cause) {
    return new StorageException(
        StorageError.INVALID_ARGUMENT,
        "%s is on another file system than the pool %s, and cannot share blocks with it: move it there"
            .formatted(file, layout.root()),
        cause);
  }

  private void freeze(SnapshotId id, VolumeId source, SnapshotMode mode) throws IOException {
    try (Descriptor volume =
        switch (mode) {
          case DETACHED -> mounts.lockDetached(source);
          case LIVE -> mounts.openLive(source);
        }) {
      freeze(id, source, volume);
    }
  }

  private void freeze(SnapshotId id, VolumeId source, Descriptor content) throws IOException {
    try (Descriptor file = files.newSnapshotFile()) {
      kernel.cloneFile(file.fd(), content.fd());
      // a name that is taken: somebody else was faster, and what they made is looked at then
      tolerating(Errno.EEXIST, () -> files.publish(file, id, source));
    }
  }

  static Snapshot sameSource(SnapshotId id, Optional<Snapshot> found, VolumeId source) {
    Snapshot snapshot = found.orElseThrow(() -> missing(id));
    if (!snapshot.source().equals(source)) {
      throw new StorageException(
          StorageError.ALREADY_EXISTS,
          "snapshot %s exists, made from volume %s: choose another id"
              .formatted(id, snapshot.source()));
    }
    return snapshot;
  }

  @Override
  public Attachment attach(VolumeId id) {
    return verbs.run(
        "attach volume " + id,
        StorageError.DEVICE,
        () -> mounts.attach(files.volume(id).orElseThrow(() -> missing(id))));
  }

  @Override
  public void detach(VolumeId id) {
    verbs.execute("detach volume " + id, StorageError.DEVICE, () -> mounts.detach(id));
  }

  @Override
  public void deleteVolume(VolumeId id) {
    verbs.execute("delete volume " + id, StorageError.IO, () -> remove(id));
  }

  private void remove(VolumeId id) throws IOException {
    tolerating(
        Errno.ENOENT,
        () -> {
          Descriptor file = mounts.lockDetached(id);
          try {
            kernel.unlink(layout.volume(id));
          } finally {
            file.close();
          }
        });
    mounts.removeMountDirectory(id);
  }

  @Override
  public void deleteSnapshot(SnapshotId id) {
    verbs.execute(
        "delete snapshot " + id,
        StorageError.IO,
        () -> {
          tolerating(Errno.ENOENT, () -> kernel.unlink(layout.snapshot(id)));
        });
  }

  @Override
  public Optional<Volume> findVolume(VolumeId id) {
    return verbs.run(
        "look at volume " + id,
        StorageError.IO,
        () -> {
          Optional<VolumeFile> file = files.volume(id);
          return file.isEmpty() ? Optional.empty() : Optional.of(volume(file.get()));
        });
  }

  @Override
  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    return verbs.run("look at snapshot " + id, StorageError.IO, () -> files.snapshot(id));
  }

  @Override
  public Listing list() {
    return verbs.run(
        "list pool " + layout.root(),
        StorageError.POOL_UNHEALTHY,
        () -> new PoolListing(layout, files, mounts, loops).read());
  }

  @Override
  public Usage usage(VolumeId id) {
    return verbs.run(
        "measure volume " + id,
        StorageError.IO,
        () -> {
          if (files.volume(id).isEmpty()) {
            throw missing(id);
          }
          return RawContent.usage(kernel, layout.volume(id));
        });
  }

  @Override
  public Usage usage(SnapshotId id) {
    return verbs.run(
        "measure snapshot " + id,
        StorageError.IO,
        () -> {
          if (files.snapshot(id).isEmpty()) {
            throw missing(id);
          }
          return RawContent.usage(kernel, layout.snapshot(id));
        });
  }

  @Override
  public ByteSize growth(VolumeId id) {
    return verbs.run(
        "measure volume " + id,
        StorageError.IO,
        () -> {
          VolumeFile volume = files.volume(id).orElseThrow(() -> missing(id));
          SnapshotId origin = volume.origin();
          return origin == null || files.snapshot(origin).isEmpty()
              ? RawContent.usage(kernel, layout.volume(id)).own()
              : RawContent.beyond(kernel, layout.volume(id), layout.snapshot(origin));
        });
  }

  @Override
  public SnapshotReader read(SnapshotId id) {
    return verbs.run(
        "read snapshot " + id,
        StorageError.IO,
        () -> {
          Snapshot snapshot = files.snapshot(id).orElseThrow(() -> missing(id));
          return RawReader.open(kernel, verbs, layout.snapshot(id), snapshot);
        });
  }

  @Override
  public SnapshotWriter write(SnapshotId id, VolumeId source, ByteSize size) {
    String doing = "write snapshot " + id;
    if (size.bytes() % LoopDevices.BLOCK_SIZE != 0) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "a snapshot of %d bytes is none: its size is a multiple of %d"
              .formatted(size.bytes(), LoopDevices.BLOCK_SIZE));
    }
    return verbs.run(
        doing,
        StorageError.IO,
        () -> {
          if (files.snapshot(id).isPresent()) {
            throw new StorageException(
                StorageError.ALREADY_EXISTS, "snapshot %s exists already".formatted(id));
          }
          verbs.requireRoom(doing);
          return RawWriter.open(kernel, verbs, files, new Snapshot(id, source, size));
        });
  }

  private static StorageException missing(VolumeId id) {
    return new StorageException(
        StorageError.NOT_FOUND, "there is no volume %s in this pool".formatted(id));
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
