package dev.ramet.agent.array;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CloneSpec;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.CowDriverProvider;
import dev.ramet.storage.Listing;
import dev.ramet.storage.PoolStatus;
import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.SnapshotMode;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.Volume;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.ArrayListing;
import dev.ramet.storage.san.ArrayStatus;
import dev.ramet.storage.san.ArrayVolume;
import dev.ramet.storage.san.Initiator;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.RawFileDriver;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Linux machine as an array. Volumes are raw files of a storage driver that can share blocks;
 * {@link Exports} gives them to hosts. Threads: safe for calls on different ids.
 */
public final class LinuxTarget implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxTarget.class);
  private static final Pattern SOURCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final TargetSettings settings;
  private final RawFileDriver files;
  private final Tgt tgt;
  private final Exports exports;

  private LinuxTarget(TargetSettings settings, RawFileDriver files) {
    this.settings = settings;
    this.files = files;
    this.tgt = new Tgt(settings.control(), settings.portals(), settings.dir().resolve("tgtd.log"));
    this.exports =
        new Exports(settings, new ExportFiles(settings.dir().resolve("exports")), tgt, files::file);
  }

  /**
   * Opens the folder, made where it is missing.
   *
   * @throws StorageException {@code POOL_UNHEALTHY}, {@code UNSUPPORTED} by a driver without files
   */
  public static LinuxTarget open(TargetSettings settings, CowDriverProvider provider) {
    provider.prepare(settings.dir(), new ByteSize(settings.sizeBytes()));
    CowDriver driver = provider.open(settings.dir());
    if (driver instanceof RawFileDriver raw) {
      return new LinuxTarget(settings, raw);
    }
    driver.close();
    throw new StorageException(
        StorageError.UNSUPPORTED,
        "the driver %s keeps no raw files to export".formatted(provider.name()));
  }

  /** Health and room, also of the daemon. */
  public ArrayStatus status() throws InterruptedException {
    PoolStatus room = files.status();
    String problem = room.problem();
    String version = "";
    try {
      version = tgt.version();
      tgt.ensureRunning();
    } catch (AgentException e) {
      problem = problem == null ? e.getMessage() : problem;
    }
    return new ArrayStatus(
        problem, "%s on %s".formatted(version, settings.host()), room.free(), room.total());
  }

  /**
   * Snapshots of raw files in the folder of sources, all of one instant. Cost: what is dirty of
   * them is written first; several are then held still for milliseconds.
   *
   * @throws AgentException {@link AgentError#NOT_FOUND} naming those that are not there
   */
  public List<Snapshot> importSnapshots(Map<SnapshotId, String> sources)
      throws InterruptedException {
    Map<SnapshotId, Path> paths = paths(sources);
    List<Snapshot> there = present(paths.keySet());
    if (there.size() == paths.size()) {
      return there;
    }
    there.forEach(half -> files.deleteSnapshot(half.id())); // of a group that was cut short
    paths.values().forEach(LinuxTarget::flush);
    if (paths.size() == 1) {
      return paths.entrySet().stream()
          .map(one -> files.importSnapshot(one.getKey(), one.getValue()))
          .toList();
    }
    return together(paths);
  }

  private List<Snapshot> together(Map<SnapshotId, Path> paths) throws InterruptedException {
    List<Snapshot> made = new ArrayList<>();
    try (HeldStill writers = HeldStill.usersOf(Set.copyOf(paths.values()))) {
      paths.forEach((id, path) -> made.add(files.importSnapshot(id, path)));
      if (writers.stillAre()) {
        return made;
      }
    } catch (StorageException e) {
      made.forEach(half -> files.deleteSnapshot(half.id()));
      throw e;
    }
    made.forEach(half -> files.deleteSnapshot(half.id()));
    throw new AgentException(
        AgentError.IO,
        "the snapshots of %s took too long to be of one instant: try again when less is written"
            .formatted(paths.values()));
  }

  private Map<SnapshotId, Path> paths(Map<SnapshotId, String> sources) {
    Map<SnapshotId, Path> paths = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    sources.forEach((id, name) -> {
      Path path = settings.sources().resolve(name);
      boolean there = SOURCE.matcher(name).matches() && Files.isRegularFile(path);
      if (there) {
        paths.put(id, path);
      } else {
        missing.add(name);
      }
    });
    if (!missing.isEmpty()) {
      throw new AgentException(
          AgentError.NOT_FOUND,
          "%s has no volume %s: a source is a raw file in %s"
              .formatted(settings.host(), String.join(", ", missing), settings.sources()));
    }
    return paths;
  }

  private List<Snapshot> present(Set<SnapshotId> ids) {
    return ids.stream().flatMap(id -> files.findSnapshot(id).stream()).toList();
  }

  /** While it may take as long as it likes, so that the snapshot itself is quick. */
  private static void flush(Path source) {
    try (FileChannel open = FileChannel.open(source, StandardOpenOption.WRITE)) {
      open.force(false);
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot flush %s: %s".formatted(source, e), e);
    }
  }

  /** Of a volume that may be in use. */
  public Snapshot createSnapshot(SnapshotId id, VolumeId source) {
    return files.createSnapshot(id, source, SnapshotMode.LIVE);
  }

  /** A volume with the content of a snapshot. */
  public ArrayVolume cloneVolume(VolumeId id, SnapshotId origin) {
    return volume(files.cloneVolume(id, origin, CloneSpec.LIKE_ORIGIN));
  }

  /**
   * Lets an initiator use a volume.
   *
   * @throws AgentException {@link AgentError#NOT_FOUND}
   */
  public LunAddress grant(VolumeId id, Initiator initiator) throws InterruptedException {
    if (files.findVolume(id).isEmpty()) {
      throw new AgentException(
          AgentError.NOT_FOUND, "%s has no volume %s".formatted(settings.host(), id));
    }
    return exports.grant(id, Access.of(initiator));
  }

  /** Ends that; nothing of the initiator's is written any more on return. */
  public void revoke(VolumeId id, String iqn) throws InterruptedException {
    exports.revoke(id, iqn);
  }

  /**
   * Removes a volume that nobody may use.
   *
   * @throws StorageException {@code IN_USE} naming who may
   */
  public void deleteVolume(VolumeId id) {
    List<Access> users = exports.of(id);
    if (!users.isEmpty()) {
      throw new StorageException(
          StorageError.IN_USE,
          "volume %s is used by %s: end their access first".formatted(id, users));
    }
    files.deleteVolume(id);
  }

  /** Removes a snapshot; its clones keep their blocks. */
  public void deleteSnapshot(SnapshotId id) {
    files.deleteSnapshot(id);
  }

  public Optional<ArrayVolume> findVolume(VolumeId id) {
    return files.findVolume(id).map(this::volume);
  }

  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    return files.findSnapshot(id);
  }

  /** All that is here; a volume that is no clone is somebody else's, and left out. */
  public ArrayListing list() {
    Listing all = files.list();
    return new ArrayListing(
        all.volumes().stream()
            .filter(volume -> volume.originIfAny().isPresent())
            .map(this::volume)
            .toList(),
        all.snapshots(),
        all.leftovers());
  }

  private ArrayVolume volume(Volume volume) {
    SnapshotId origin = volume.originIfAny().orElseGet(() -> new SnapshotId(volume.id().value()));
    return new ArrayVolume(
        volume.id(),
        origin,
        volume.size(),
        exports.of(volume.id()).stream().map(Access::iqn).toList());
  }

  /** Exports again what a target daemon that was restarted has forgotten; to be called often. */
  public void restore() throws InterruptedException {
    try {
      exports.restore();
    } catch (AgentException | StorageException e) {
      LOG.warn("what is exported could not be restored: {}", e.getMessage());
    }
  }

  /** Volumes stay exported. */
  @Override
  public void close() {
    files.close();
  }
}
