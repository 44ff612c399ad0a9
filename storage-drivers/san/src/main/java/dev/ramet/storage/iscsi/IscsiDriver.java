package dev.ramet.storage.iscsi;

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
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.LunDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * LUNs of arrays, attached: claimed by a record, connected by a transport, mounted. Each step finds
 * what an earlier attempt left of it; detaching goes the same way back. {@code
 * docs/design/0011-iscsi.md} has the reasons.
 */
final class IscsiDriver implements LunDriver {
  private final LunTransport transport;
  private final Layout layout;
  private final LunRecords records;
  private final LunMounts mounts;

  IscsiDriver(LunTransport transport, Layout layout, LunRecords records, LunMounts mounts) {
    this.transport = transport;
    this.layout = layout;
    this.records = records;
    this.mounts = mounts;
  }

  /** What a verb does. */
  @FunctionalInterface
  private interface Body<T> {
    T run() throws IOException;
  }

  private static <T> T verb(String doing, Body<T> body) {
    try {
      return body.run();
    } catch (IOException e) {
      throw new StorageException(
          StorageError.DEVICE, "cannot %s: %s".formatted(doing, e.getMessage()), e);
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LUN, Capability.BLOCK_DEVICE);
  }

  /** Room is the array's to tell: none here. */
  @Override
  public PoolStatus status() {
    Optional<String> problem =
        layout.exists()
            ? transport.lacks()
            : Optional.of("%s holds no pool: make it again".formatted(layout.root()));
    return new PoolStatus(problem.orElse(null), new ByteSize(0), new ByteSize(0));
  }

  @Override
  public String initiatorName() {
    return transport.initiatorName();
  }

  @Override
  public boolean checksTargets() {
    return transport.checksTargets();
  }

  @Override
  public Attachment attach(VolumeId id, LunAddress address) {
    requireMeans(id, address);
    return verb(
        "attach volume " + id,
        () -> {
          records.claim(id, address);
          Optional<Attachment.BlockDevice> usable = usable(id);
          return usable.isPresent() ? usable.get() : connectAndMount(id, address);
        });
  }

  private void requireMeans(VolumeId id, LunAddress address) {
    Optional<String> lacks = transport.lacks();
    if (lacks.isPresent()) {
      throw new StorageException(
          StorageError.POOL_UNHEALTHY, "cannot attach volume %s: %s".formatted(id, lacks.get()));
    }
    if (address.targetChapIfAny().isPresent() && !transport.checksTargets()) {
      throw new StorageException(
          StorageError.UNSUPPORTED,
          "cannot attach volume %s: this host cannot have targets show who they are; use CHAP of the host only, or open-iscsi"
              .formatted(id));
    }
  }

  /** Mounted, and its connection lives. */
  private Optional<Attachment.BlockDevice> usable(VolumeId id) throws IOException {
    Optional<Attachment.BlockDevice> mounted = mounts.find(id);
    return mounted.isPresent() && transport.find(id).isPresent() ? mounted : Optional.empty();
  }

  private Attachment connectAndMount(VolumeId id, LunAddress address) throws IOException {
    mounts.unmount(id, () -> transport.sever(id)); // of a connection that broke
    try {
      return mounts.mount(id, transport.connect(id, address), () -> transport.sever(id));
    } catch (IOException | RuntimeException e) {
      try {
        clear(id);
      } catch (IOException | RuntimeException left) {
        e.addSuppressed(left); // a repeat or a detach clears it
      }
      throw e;
    }
  }

  @Override
  public Attachment attach(VolumeId id) {
    return verb("look at volume " + id, () -> usable(id))
        .orElseThrow(() ->
            new StorageException(
                StorageError.NOT_FOUND,
                "volume %s is not attached: the array's volumes are attached by their address"
                    .formatted(id)));
  }

  /**
   * As the contract has it, but for a LUN that does not answer any more, or whose connection broke:
   * it is detached all the same, and what was not on it is lost, which is said once.
   *
   * @throws StorageException also {@code DEVICE}, once, where writes were lost; nothing is left
   *     then
   */
  @Override
  public void detach(VolumeId id) {
    Optional<String> lost = verb("detach volume " + id, () -> clear(id));
    if (lost.isPresent()) {
      throw new StorageException(
          StorageError.DEVICE,
          "volume %s is detached, but its last writes may not be on the array: %s"
              .formatted(id, lost.get()));
    }
  }

  private Optional<String> clear(VolumeId id) throws IOException {
    Optional<String> lost = mounts.unmount(id, () -> transport.sever(id));
    transport.disconnect(id);
    records.remove(id);
    return lost;
  }

  /** The array has the volume: here there is nothing to remove but what an attach left. */
  @Override
  public void deleteVolume(VolumeId id) {
    verb(
        "delete volume " + id,
        () -> {
          Optional<Attachment.BlockDevice> mounted = mounts.find(id);
          if (mounted.isPresent()) {
            throw new StorageException(
                StorageError.IN_USE,
                "volume %s is attached at %s: detach it first".formatted(id, mounted.get().path()));
          }
          return clear(id);
        });
  }

  /** There are none: as good as removed. */
  @Override
  public void deleteSnapshot(SnapshotId id) {
    // the array has them
  }

  @Override
  public Optional<Volume> findVolume(VolumeId id) {
    return verb(
        "look at volume " + id,
        () ->
            Files.exists(layout.lun(id)) || mounts.find(id).isPresent()
                ? Optional.of(volume(id))
                : Optional.empty());
  }

  private Volume volume(VolumeId id) throws IOException {
    Optional<Attachment.BlockDevice> usable = usable(id);
    ByteSize size = usable.isPresent() ? BlockDevices.size(usable.get().device()) : new ByteSize(0);
    return new Volume(id, null, size, null, usable.orElse(null));
  }

  @Override
  public Optional<Snapshot> findSnapshot(SnapshotId id) {
    return Optional.empty();
  }

  @Override
  public Listing list() {
    return verb(
        "list pool " + layout.root(), () -> new LunListing(layout, transport, this::volume).read());
  }

  private static StorageException arrayDoes(String what) {
    return new StorageException(
        StorageError.UNSUPPORTED,
        "a pool of LUNs cannot %s: the array that has the volume does that".formatted(what));
  }

  @Override
  public Volume createVolume(VolumeId id, VolumeSpec spec) {
    throw arrayDoes("make volume " + id);
  }

  @Override
  public Snapshot createSnapshot(SnapshotId id, VolumeId source, SnapshotMode mode) {
    throw arrayDoes("make snapshot " + id);
  }

  @Override
  public Volume cloneVolume(VolumeId id, SnapshotId origin, CloneSpec spec) {
    throw arrayDoes("clone snapshot " + origin);
  }

  @Override
  public Usage usage(VolumeId id) {
    throw arrayDoes("measure volume " + id);
  }

  @Override
  public Usage usage(SnapshotId id) {
    throw arrayDoes("measure snapshot " + id);
  }

  @Override
  public ByteSize growth(VolumeId id) {
    throw arrayDoes("measure volume " + id);
  }

  @Override
  public SnapshotReader read(SnapshotId id) {
    throw arrayDoes("read snapshot " + id);
  }

  @Override
  public SnapshotWriter write(SnapshotId id, VolumeId source, ByteSize size) {
    throw arrayDoes("write snapshot " + id);
  }

  @Override
  public void close() {
    // nothing is held between calls
  }
}
