package dev.ramet.storage.testkit;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.Listing;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Usage;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pool in memory: what a disk is to a real driver, so it outlives the drivers over it. Content is
 * a map of file names to bytes; a copy shares the byte arrays until a file changes. Attached
 * volumes are real directories below a given one.
 */
public final class InMemoryPool {
  private static final ByteSize LEAST_ROOM = ByteSize.ofMebi(1);

  private final Path directory;
  private final ByteSize capacity;
  private final Map<VolumeId, Stored> volumes = new TreeMap<>(byName(VolumeId::value));
  private final Map<SnapshotId, Frozen> snapshots = new TreeMap<>(byName(SnapshotId::value));
  private long taken;

  /** A volume; its content is the files' where it is attached. */
  record Stored(
      @Nullable SnapshotId origin,
      ByteSize size,
      SortedMap<String, byte[]> content,
      @Nullable Path attached) {}

  /** A snapshot. */
  record Frozen(VolumeId source, ByteSize size, SortedMap<String, byte[]> content) {}

  /**
   * An empty pool.
   *
   * @param directory where attached volumes appear; exists
   * @param capacity bytes of content in all
   */
  public InMemoryPool(Path directory, ByteSize capacity) {
    this.directory = directory;
    this.capacity = capacity;
  }

  /** A driver over this pool. */
  public CowDriver open() {
    return new InMemoryDriver(this);
  }

  /** Takes all room until it is closed. */
  public AutoCloseable fill() {
    taken = capacity.bytes();
    return () -> taken = 0;
  }

  /** Gives room without end until it is closed: for a driver that does not look. */
  AutoCloseable unlimited() {
    long before = taken;
    taken = -capacity.bytes();
    return () -> taken = before;
  }

  /** What a volume holds shows in its origin: for a driver that shares too much. */
  synchronized void writeThrough(VolumeId id) {
    Stored volume = volumes.get(id);
    Frozen frozen = volume == null || volume.origin() == null ? null : snapshot(volume.origin());
    if (volume != null && volume.origin() != null && frozen != null) {
      put(volume.origin(), new Frozen(frozen.source(), frozen.size(), volume.content()));
    }
  }

  private static <T> Comparator<T> byName(Function<T, String> name) {
    return Comparator.comparing(name);
  }

  Path mountPoint(VolumeId id) {
    return directory.resolve(id.value());
  }

  synchronized @Nullable Stored volume(VolumeId id) {
    return volumes.get(id);
  }

  synchronized @Nullable Frozen snapshot(SnapshotId id) {
    return snapshots.get(id);
  }

  synchronized void put(VolumeId id, Stored volume) {
    volumes.put(id, volume);
  }

  synchronized void put(SnapshotId id, Frozen snapshot) {
    snapshots.put(id, snapshot);
  }

  synchronized void remove(VolumeId id) {
    volumes.remove(id);
  }

  synchronized void remove(SnapshotId id) {
    snapshots.remove(id);
  }

  synchronized Listing list() {
    List<Volume> found =
        volumes.entrySet().stream()
            .map(entry -> InMemoryDriver.volume(entry.getKey(), entry.getValue()))
            .toList();
    List<Snapshot> frozen =
        snapshots.entrySet().stream()
            .map(entry ->
                new Snapshot(entry.getKey(), entry.getValue().source(), entry.getValue().size()))
            .toList();
    return new Listing(found, frozen, List.of());
  }

  ByteSize capacity() {
    return capacity;
  }

  synchronized ByteSize free() {
    Set<byte[]> all = Collections.newSetFromMap(new IdentityHashMap<>());
    volumes.values().forEach(volume -> all.addAll(volume.content().values()));
    snapshots.values().forEach(snapshot -> all.addAll(snapshot.content().values()));
    long used = taken + all.stream().mapToLong(bytes -> bytes.length).sum();
    return new ByteSize(Math.clamp(capacity.bytes() - used, 0, capacity.bytes()));
  }

  void requireRoom() {
    if (free().compareTo(LEAST_ROOM) < 0) {
      throw new StorageException(
          StorageError.POOL_FULL,
          "the pool in memory has %s free; delete something".formatted(free()));
    }
  }

  /**
   * What a volume or a snapshot holds that no other does.
   *
   * @param id a {@link VolumeId} or a {@link SnapshotId}
   */
  synchronized Usage usage(Object id, SortedMap<String, byte[]> content) {
    Set<byte[]> elsewhere = Collections.newSetFromMap(new IdentityHashMap<>());
    volumes.forEach((other, volume) ->
        elsewhere.addAll(other.equals(id) ? Set.of() : volume.content().values()));
    snapshots.forEach((other, frozen) ->
        elsewhere.addAll(other.equals(id) ? Set.of() : frozen.content().values()));
    long shared =
        content.values().stream().filter(elsewhere::contains).mapToLong(b -> b.length).sum();
    long all = content.values().stream().mapToLong(bytes -> bytes.length).sum();
    return new Usage(new ByteSize(all - shared), new ByteSize(shared));
  }

  /** Bytes of a content that the snapshot does not hold. */
  static ByteSize beyond(SortedMap<String, byte[]> content, Frozen origin) {
    Set<byte[]> held = Collections.newSetFromMap(new IdentityHashMap<>());
    held.addAll(origin.content().values());
    return new ByteSize(
        content.values().stream()
            .filter(bytes -> !held.contains(bytes))
            .mapToLong(bytes -> bytes.length)
            .sum());
  }

  /** The array that is already stored with these bytes, so that it stays shared. */
  static byte[] shared(SortedMap<String, byte[]> before, String name, byte[] bytes) {
    byte[] old = before.get(name);
    return old != null && Arrays.equals(old, bytes) ? old : bytes;
  }
}
