package dev.ramet.storage.testkit;

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
import dev.ramet.storage.testkit.InMemoryPool.Frozen;
import dev.ramet.storage.testkit.InMemoryPool.Stored;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The contract at its plainest: a driver to read first, and for tests of who uses drivers. */
final class InMemoryDriver implements CowDriver {
  private final InMemoryPool pool;

  InMemoryDriver(InMemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.USAGE, Capability.GROWTH, Capability.TRANSFER);
  }

  @Override
  public PoolStatus status() {
    return new PoolStatus(null, pool.free(), pool.capacity());
  }

  static Volume volume(VolumeId id, Stored stored) {
    Attachment attachment =
        stored.attached() == null ? null : new Attachment.Directory(stored.attached());
    return new Volume(id, stored.origin(), stored.size(), null, attachment);
  }

  @Override
  public Volume createVolume(VolumeId id, VolumeSpec spec) {
    if (spec.size().bytes() == 0) {
      throw refused(StorageError.INVALID_ARGUMENT, "volume %s cannot have no size", id);
    }
    Stored existing = pool.volume(id);
    if (existing == null) {
      pool.requireRoom();
      existing = new Stored(null, spec.size(), ContentFiles.NONE, null);
      pool.put(id, existing);
    }
    return same(id, existing, null, spec.size());
  }

  @Override
  public Volume cloneVolume(VolumeId id, SnapshotId origin, CloneSpec spec) {
    if (spec.limitIfAny().isPresent()) {
      throw refused(StorageError.UNSUPPORTED, "volume %s: there are no limits in memory", id);
    }
    Stored existing = pool.volume(id);
    if (existing == null) {
      Frozen frozen = require(origin);
      pool.requireRoom();
      existing = new Stored(origin, frozen.size(), frozen.content(), null);
      pool.put(id, existing);
    }
    return same(id, existing, origin, existing.size());
  }

  private static Volume same(
      VolumeId id, Stored existing, @Nullable SnapshotId origin, ByteSize size) {
    if (!Objects.equals(existing.origin(), origin) || !existing.size().equals(size)) {
      throw refused(StorageError.ALREADY_EXISTS, "volume %s exists, of another origin or size", id);
    }
    return volume(id, existing);
  }

  @Override
  public Snapshot createSnapshot(SnapshotId id, VolumeId source, SnapshotMode mode) {
    Frozen existing = pool.snapshot(id);
    if (existing == null) {
      Stored volume = require(source);
      if (volume.attached() != null && mode == SnapshotMode.DETACHED) {
        throw refused(StorageError.IN_USE, "volume %s is attached: detach it first", source);
      }
      pool.requireRoom();
      volume = collected(volume);
      pool.put(source, volume);
      existing = new Frozen(source, volume.size(), volume.content());
      pool.put(id, existing);
    }
    if (!existing.source().equals(source)) {
      throw refused(StorageError.ALREADY_EXISTS, "snapshot %s exists, of another volume", id);
    }
    return new Snapshot(id, source, existing.size());
  }

  /** As it is now; of an attached one the files hold that. */
  private static Stored collected(Stored volume) {
    return volume.attached() == null
        ? volume
        : new Stored(
            volume.origin(),
            volume.size(),
            ContentFiles.collect(volume.attached(), volume.content()),
            volume.attached());
  }

  @Override
  public Attachment attach(VolumeId id) {
    Stored volume = require(id);
    if (volume.attached() == null) {
      volume =
          new Stored(
              volume.origin(),
              volume.size(),
              volume.content(),
              ContentFiles.lay(pool.mountPoint(id), volume.content()));
      pool.put(id, volume);
    }
    return new Attachment.Directory(pool.mountPoint(id));
  }

  @Override
  public void detach(VolumeId id) {
    Stored volume = pool.volume(id);
    if (volume != null && volume.attached() != null) {
      ContentFiles.requireUnused(id, volume.attached());
      pool.put(
          id,
          new Stored(
              volume.origin(),
              volume.size(),
              ContentFiles.collect(volume.attached(), volume.content()),
              null));
      ContentFiles.remove(volume.attached());
    }
  }

  @Override
  public void deleteVolume(VolumeId id) {
    Stored volume = pool.volume(id);
    if (volume != null && volume.attached() != null) {
      throw refused(StorageError.IN_USE, "volume %s is attached: detach it first", id);
    }
    pool.remove(id);
  }

  @Override
  public void deleteSnapshot(SnapshotId id) {
    pool.remove(id);
  }

  @Override
  public Optional<Volume> findVolume(VolumeId id) {
    return Optional.ofNullable(pool.volume(id)).map(stored -> volume(id, stored));
  }

  @Override
  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    return Optional.ofNullable(pool.snapshot(id))
        .map(frozen -> new Snapshot(id, frozen.source(), frozen.size()));
  }

  @Override
  public Listing list() {
    return pool.list();
  }

  @Override
  public Usage usage(VolumeId id) {
    Stored volume = require(id);
    return pool.usage(id, collected(volume).content());
  }

  @Override
  public Usage usage(SnapshotId id) {
    return pool.usage(id, require(id).content());
  }

  @Override
  public ByteSize growth(VolumeId id) {
    Stored volume = require(id);
    SortedMap<String, byte[]> content = collected(volume).content();
    SnapshotId origin = volume.origin();
    Frozen begun = origin == null ? null : pool.snapshot(origin);
    return begun == null ? pool.usage(id, content).own() : InMemoryPool.beyond(content, begun);
  }

  @Override
  public SnapshotReader read(SnapshotId id) {
    Frozen frozen = require(id);
    return new InMemoryTransfer.Reader(frozen.size(), frozen.content());
  }

  @Override
  public SnapshotWriter write(SnapshotId id, VolumeId source, ByteSize size) {
    if (pool.snapshot(id) != null) {
      throw refused(StorageError.ALREADY_EXISTS, "snapshot %s exists already", id);
    }
    pool.requireRoom();
    return new InMemoryTransfer.Writer(pool, new Snapshot(id, source, size));
  }

  private Stored require(VolumeId id) {
    Stored stored = pool.volume(id);
    if (stored == null) {
      throw refused(StorageError.NOT_FOUND, "there is no volume %s", id);
    }
    return stored;
  }

  private Frozen require(SnapshotId id) {
    Frozen frozen = pool.snapshot(id);
    if (frozen == null) {
      throw refused(StorageError.NOT_FOUND, "there is no snapshot %s", id);
    }
    return frozen;
  }

  private static StorageException refused(StorageError error, String message, Object id) {
    return new StorageException(error, message.replace("%s", id.toString()));
  }

  @Override
  public void close() {
    // the pool keeps everything
  }
}
