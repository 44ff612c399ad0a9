package dev.ramet.storage.san;

import dev.ramet.storage.Snapshot;
import dev.ramet.storage.SnapshotId;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Volumes of one storage array: made, copied and removed by the array itself, and given to hosts.
 *
 * <p><b>Words.</b> A <i>source</i> is a volume of somebody else's, by the name that the array has
 * for it; it is read, and never changed, renamed or removed. A <i>volume</i> and a <i>snapshot</i>
 * are ours, by our ids. <i>Access</i> is what a host needs to use a volume: the array lets in that
 * initiator and nobody else.
 *
 * <p><b>Identity.</b> As {@link dev.ramet.storage.CowDriver}: the caller chooses every id; a verb
 * may be repeated; same id and other arguments {@code ALREADY_EXISTS}; taking away what is missing
 * succeeds. The driver marks what it makes on the array itself and touches nothing without the
 * mark, whatever it is called.
 *
 * <p><b>Failure.</b> Every verb throws {@link StorageException} and nothing else. {@code
 * UNREACHABLE}: the array did not answer in time, and may have done what was asked: a repeat tells.
 * {@code ACCESS_DENIED}: the account or its rights.
 *
 * <p><b>Threads.</b> Safe for concurrent use on different ids. Calls may wait for the array.
 */
public interface StorageArray extends AutoCloseable {

  /** What this array can do beyond the verbs that all have. */
  Set<ArrayCapability> capabilities();

  /** Health, room and what it says of itself. One that does not answer is an answer. */
  ArrayStatus status();

  /**
   * Snapshots of sources, all of one instant where there are several.
   *
   * @param sources id of the snapshot that is to be made, to the array's name of the volume
   * @return one for each, in the map's order; its {@link Snapshot#source} is the snapshot's own id
   * @throws StorageException {@code NOT_FOUND} naming the sources that are not there; {@code
   *     UNSUPPORTED} for several without {@link ArrayCapability#CONSISTENT_GROUP}; {@code
   *     POOL_FULL}
   */
  List<Snapshot> importSnapshots(Map<SnapshotId, String> sources);

  /**
   * A snapshot of a volume, which may be in use: crash-consistent.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code ALREADY_EXISTS} (of another volume), {@code
   *     POOL_FULL}
   */
  Snapshot createSnapshot(SnapshotId id, VolumeId source);

  /**
   * A volume with the content of a snapshot. Cost: independent of its size.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code ALREADY_EXISTS} (of another origin), {@code
   *     POOL_FULL}
   */
  ArrayVolume cloneVolume(VolumeId id, SnapshotId origin);

  /**
   * Lets the initiator use the volume, besides those that may already. Repeat: the same address;
   * the CHAP secrets are those given last.
   *
   * @throws StorageException {@code NOT_FOUND}; {@code UNSUPPORTED} for CHAP that the array cannot
   */
  LunAddress grantAccess(VolumeId id, Initiator initiator);

  /**
   * Ends that. When it returns, nothing that the initiator writes reaches the volume any more, also
   * over a session that it still has; no other session is touched. Not granted, or no such volume:
   * OK.
   *
   * @param iqn iSCSI name of the initiator
   */
  void revokeAccess(VolumeId id, String iqn);

  /**
   * Removes the volume and releases its storage. Missing: OK.
   *
   * @throws StorageException {@code IN_USE} naming the initiators that have access
   */
  void deleteVolume(VolumeId id);

  /**
   * Removes the snapshot. Missing: OK.
   *
   * @throws StorageException {@code HAS_DEPENDANTS}, where the array keeps it for its clones
   */
  void deleteSnapshot(SnapshotId id);

  /** The volume as it is. */
  Optional<ArrayVolume> findVolume(VolumeId id);

  /** The snapshot as it is. */
  Optional<Snapshot> findSnapshot(SnapshotId id);

  /** Everything that is ours. */
  ArrayListing list();

  /** Releases what the driver holds in this process. A second call does nothing. */
  @Override
  void close();
}
