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
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The driver in memory with one defect. For tests of the suite, and of callers. */
public final class BrokenDriver implements CowDriver {
  private final InMemoryPool pool;
  private final CowDriver sound;
  private final Defect defect;
  private final Set<Object> made = new HashSet<>();
  private final Set<VolumeId> hidden = ConcurrentHashMap.newKeySet();
  private final Map<SnapshotId, VolumeId> live = new ConcurrentHashMap<>();
  private final Map<VolumeId, Integer> attached = new ConcurrentHashMap<>();

  public BrokenDriver(InMemoryPool pool, Defect defect) {
    this.pool = pool;
    this.sound = pool.open();
    this.defect = defect;
  }

  private boolean is(Defect other) {
    return defect == other;
  }

  private <T> T run(Supplier<T> verb) {
    try {
      return verb.get();
    } catch (StorageException e) {
      if (is(Defect.SAYS_IO_FOR_EVERYTHING)) {
        throw new StorageException(StorageError.IO, "it failed: " + e.error(), e);
      }
      throw e;
    }
  }

  private AutoCloseable ignoringRoom() {
    return is(Defect.IGNORES_A_FULL_POOL) ? pool.unlimited() : () -> {};
  }

  private <T> T withRoom(Supplier<T> verb) {
    try (AutoCloseable room = ignoringRoom()) {
      Objects.requireNonNull(room);
      return run(verb);
    } catch (StorageException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Set<Capability> capabilities() {
    Set<Capability> capabilities = EnumSet.copyOf(sound.capabilities());
    if (is(Defect.CLAIMS_BLOCK_DEVICES)) {
      capabilities.add(Capability.BLOCK_DEVICE);
    }
    return capabilities;
  }

  @Override
  public PoolStatus status() {
    return sound.status();
  }

  @Override
  public Volume createVolume(VolumeId id, VolumeSpec spec) {
    made.add(id);
    if (is(Defect.CREATES_OVER_WHAT_IS_THERE)) {
      sound.deleteVolume(id);
    }
    Optional<Volume> existing = sound.findVolume(id);
    return is(Defect.TAKES_ANY_SIZE) && existing.isPresent()
        ? existing.get()
        : withRoom(() -> sound.createVolume(id, spec));
  }

  @Override
  public Volume cloneVolume(VolumeId id, SnapshotId origin, CloneSpec spec) {
    made.add(id);
    Optional<Volume> existing = sound.findVolume(id);
    if (existing.isPresent() && is(Defect.TAKES_ANY_ORIGIN)) {
      return existing.get();
    }
    if (existing.isPresent() && is(Defect.CLONES_OVER_WHAT_IS_THERE)) {
      sound.deleteVolume(id);
    }
    hidden.remove(id);
    VolumeId source = live.get(origin);
    if (source != null && is(Defect.LIVE_SNAPSHOTS_GO_ON_CHANGING)) {
      sound.deleteSnapshot(origin);
      sound.createSnapshot(origin, source, SnapshotMode.LIVE);
    }
    CloneSpec used = is(Defect.DROPS_THE_LIMIT) ? CloneSpec.LIKE_ORIGIN : spec;
    return withRoom(() -> sound.cloneVolume(id, origin, used));
  }

  @Override
  public Snapshot createSnapshot(SnapshotId id, VolumeId source, SnapshotMode mode) {
    made.add(id);
    Optional<Snapshot> existing = sound.findSnapshot(id);
    if (existing.isPresent() && is(Defect.TAKES_ANY_SOURCE)) {
      return existing.get();
    }
    if (existing.isPresent() && is(Defect.TELLS_MODES_APART) && mode == SnapshotMode.LIVE) {
      throw new StorageException(StorageError.ALREADY_EXISTS, "there is one in another mode");
    }
    if (mode == SnapshotMode.LIVE) {
      live.put(id, source);
    }
    boolean detaches =
        switch (mode) {
          case DETACHED -> is(Defect.SNAPSHOTS_WHAT_IS_ATTACHED);
          case LIVE -> is(Defect.DETACHES_WHAT_IS_LIVE);
        };
    if (detaches) {
      sound.detach(source);
    }
    SnapshotMode used = is(Defect.REFUSES_LIVE_SNAPSHOTS) ? SnapshotMode.DETACHED : mode;
    return withRoom(() -> sound.createSnapshot(id, source, used));
  }

  @Override
  public Attachment attach(VolumeId id) {
    Attachment attachment = run(() -> sound.attach(id));
    int times = attached.merge(id, 1, Integer::sum);
    return is(Defect.ATTACHES_ANEW)
        ? new Attachment.Directory(attachment.path().resolve("./".repeat(times) + "."))
        : attachment;
  }

  @Override
  public void detach(VolumeId id) {
    if (is(Defect.DETACH_NEEDS_A_VOLUME) && sound.findVolume(id).isEmpty()) {
      throw new StorageException(StorageError.NOT_FOUND, "there is no volume to detach");
    }
    if (is(Defect.COUNTS_ATTACHMENTS) && attached.merge(id, -1, Integer::sum) > 0) {
      return;
    }
    try {
      sound.detach(id);
    } catch (StorageException e) {
      if (!is(Defect.SAYS_DETACHED_WHILE_IN_USE)) {
        throw e;
      }
    }
    if (is(Defect.WRITES_THROUGH)) {
      pool.writeThrough(id);
    }
  }

  @Override
  public void deleteVolume(VolumeId id) {
    if (is(Defect.DELETE_NEEDS_A_VOLUME) && sound.findVolume(id).isEmpty()) {
      throw new StorageException(StorageError.NOT_FOUND, "there is no volume to delete");
    }
    if (is(Defect.DELETES_WHAT_IS_ATTACHED)) {
      sound.detach(id);
    }
    if (is(Defect.HIDES_INSTEAD_OF_DELETING)) {
      hidden.add(id);
    } else {
      sound.deleteVolume(id);
    }
  }

  @Override
  public void deleteSnapshot(SnapshotId id) {
    sound.deleteSnapshot(id);
  }

  @Override
  public Optional<Volume> findVolume(VolumeId id) {
    return sound.findVolume(id).filter(volume -> !hidden.contains(id));
  }

  @Override
  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    return sound.findSnapshot(id);
  }

  @Override
  public Listing list() {
    Listing truth = sound.list();
    return switch (defect) {
      case LISTS_FROM_MEMORY ->
          new Listing(
              truth.volumes().stream().filter(volume -> made.contains(volume.id())).toList(),
              truth.snapshots().stream().filter(found -> made.contains(found.id())).toList(),
              truth.leftovers());
      case HIDES_INSTEAD_OF_DELETING ->
          new Listing(
              truth.volumes().stream().filter(volume -> !hidden.contains(volume.id())).toList(),
              truth.snapshots(),
              truth.leftovers());
      default -> truth;
    };
  }

  @Override
  public Usage usage(VolumeId id) {
    return told(run(() -> sound.usage(id)));
  }

  @Override
  public Usage usage(SnapshotId id) {
    Optional<VolumeId> source =
        is(Defect.MEASURES_THE_VOLUME_FOR_ITS_SNAPSHOT)
            ? sound.findSnapshot(id).map(Snapshot::source)
            : Optional.empty();
    return told(run(() -> source.isPresent() ? sound.usage(source.get()) : sound.usage(id)));
  }

  private Usage told(Usage usage) {
    return is(Defect.COUNTS_SHARED_AS_OWN)
        ? new Usage(new ByteSize(usage.own().bytes() + usage.shared().bytes()), new ByteSize(0))
        : usage;
  }

  @Override
  public ByteSize growth(VolumeId id) {
    return is(Defect.FORGETS_WHAT_WAS_SAVED)
        ? run(() -> sound.usage(id)).own()
        : run(() -> sound.growth(id));
  }

  @Override
  public SnapshotReader read(SnapshotId id) {
    SnapshotReader reader = run(() -> sound.read(id));
    return is(Defect.READS_TOO_LITTLE) ? new BrokenTransfer.ShortReader(reader) : reader;
  }

  @Override
  public SnapshotWriter write(SnapshotId id, VolumeId source, ByteSize size) {
    SnapshotWriter writer = run(() -> sound.write(id, source, size));
    return is(Defect.COMMITS_ON_CLOSE) ? new BrokenTransfer.EagerWriter(writer) : writer;
  }

  @Override
  public void close() {
    sound.close();
  }
}
