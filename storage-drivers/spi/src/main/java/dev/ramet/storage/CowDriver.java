package dev.ramet.storage;

import java.util.Optional;
import java.util.Set;

/**
 * Copy-on-write storage in one pool on one host.
 *
 * <p><b>Words.</b> A <i>volume</i> is writable. A <i>snapshot</i> is an immutable point of a
 * volume. Cloning a snapshot gives a new volume that shares its blocks until one of them is
 * written. <i>Attaching</i> makes a volume's content reachable as a directory, <i>detaching</i>
 * ends that.
 *
 * <p><b>Identity.</b> The caller chooses every id. Each verb may be repeated: same id and same
 * arguments give the same answer; same id and other arguments {@link StorageError#ALREADY_EXISTS};
 * deleting or detaching what is missing succeeds. A verb that was cut short at any point, even by
 * SIGKILL, leaves either nothing, the finished thing, or a leftover that {@link #list()} reports
 * and a repeat of the verb (or a delete of the id) clears.
 *
 * <p><b>Truth.</b> The driver keeps ids, origins and limits in the pool itself and reads them, the
 * mount table and the kernel's devices on every call; it answers with what <i>is</i>, not with what
 * was asked. It has no state that a restart could lose.
 *
 * <p><b>Threads.</b> Safe for concurrent use on different ids. Concurrent verbs on the same id are
 * the caller's to prevent. Two processes must not drive one pool at once. Verbs wait in the kernel,
 * which pins a virtual thread to its carrier: call them from platform threads.
 *
 * <p><b>Failure.</b> Every verb throws {@link StorageException} and nothing else.
 */
public interface CowDriver extends AutoCloseable {

  /** What this driver can do beyond the verbs that all have. Never changes while it is open. */
  Set<Capability> capabilities();

  /** Health, free and used bytes. Cheap; an unhealthy pool is an answer, not an exception. */
  PoolStatus status();

  /**
   * Makes an empty volume with a file system of the driver's choice in it. Cost: formatting a
   * sparse volume; independent of its size but for metadata.
   *
   * @throws StorageException {@code ALREADY_EXISTS}, {@code INVALID_ARGUMENT} (size too small),
   *     {@code POOL_FULL}
   */
  Volume createVolume(VolumeId id, VolumeSpec spec);

  /**
   * Makes an immutable snapshot of a volume. Cost: independent of the volume's size; of a live one,
   * also what was written to it and is not on the pool yet. Durable on return: it survives a loss
   * of power. A repeat in another mode is the same snapshot.
   *
   * <p>Who uses a live volume goes on meanwhile: writes may wait some milliseconds, and nothing is
   * frozen that the death of this process could leave frozen. A clone's file system recovers when
   * it is attached first.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code IN_USE} (attached, in mode {@link
   *     SnapshotMode#DETACHED}), {@code ALREADY_EXISTS} (made from another volume), {@code
   *     POOL_FULL}
   */
  Snapshot createSnapshot(SnapshotId id, VolumeId source, SnapshotMode mode);

  /**
   * Makes a writable volume that shares all blocks with the snapshot. Cost: independent of its
   * size.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code ALREADY_EXISTS} (other origin or limit),
   *     {@code OUT_OF_RANGE} (limit above the origin's size), {@code UNSUPPORTED} (limit, where
   *     {@link Capability#LIMIT} is missing), {@code POOL_FULL}
   */
  Volume cloneVolume(VolumeId id, SnapshotId origin, CloneSpec spec);

  /**
   * Makes the volume's content reachable. Already attached: the same answer.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code DEVICE} (the kernel refused: the message
   *     says which call and why), {@code IN_USE} (something else holds the volume's device)
   */
  Attachment attach(VolumeId id);

  /**
   * Ends an attachment; all writes are on the pool afterwards, and no device or mount is left. Not
   * attached, or missing: OK.
   *
   * @throws StorageException {@code IN_USE} naming the processes that still use it
   */
  void detach(VolumeId id);

  /**
   * Removes the volume and releases its storage. Missing: OK.
   *
   * @throws StorageException {@code IN_USE} while attached
   */
  void deleteVolume(VolumeId id);

  /**
   * Removes the snapshot. Missing: OK.
   *
   * @throws StorageException {@code HAS_DEPENDANTS} naming them, where the driver cannot remove a
   *     snapshot that volumes were cloned from
   */
  void deleteSnapshot(SnapshotId id);

  /** The volume as it is. Cheap: no listing. */
  Optional<Volume> findVolume(VolumeId id);

  /** The snapshot as it is. Cheap: no listing. */
  Optional<Snapshot> findSnapshot(SnapshotId id);

  /**
   * Everything that this driver owns in the pool, partial leftovers too. What is there and cannot
   * be read is a leftover that says so: the rest is listed all the same, and only {@link
   * #findVolume} and {@link #findSnapshot} can tell that something is gone. Cost: one look at each.
   */
  Listing list();

  /**
   * Bytes of the volume's own, and bytes shared with others. Cost: proportional to its extents.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code UNSUPPORTED} without {@link
   *     Capability#USAGE}
   */
  Usage usage(VolumeId id);

  /**
   * As {@link #usage(VolumeId)}, of a snapshot. It shares all with its volume when it is made, and
   * owns what the volume and all others that shared it write anew, as far as it left their page
   * caches. What two snapshots hold is neither's own.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code UNSUPPORTED} without {@link
   *     Capability#USAGE}
   */
  Usage usage(SnapshotId id);

  /**
   * Bytes of the volume that its origin does not hold, whoever else shares them: a snapshot of the
   * volume does not make it smaller. Of a volume without an origin, or whose origin is gone, the
   * bytes that nobody shares. Never more than what was written to its device. Cost: proportional to
   * the extents of both.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code UNSUPPORTED} without {@link
   *     Capability#GROWTH}
   */
  ByteSize growth(VolumeId id);

  /**
   * Opens a snapshot's content for reading. Cost of reading all: proportional to its data, not its
   * size.
   *
   * @throws StorageException {@code NOT_FOUND}, {@code UNSUPPORTED} without {@link
   *     Capability#TRANSFER}
   */
  SnapshotReader read(SnapshotId id);

  /**
   * Begins a snapshot that is filled from elsewhere; it exists only after {@link
   * SnapshotWriter#commit()}. A leftover of an earlier attempt is dropped.
   *
   * @throws StorageException {@code ALREADY_EXISTS}, {@code POOL_FULL}, {@code UNSUPPORTED} without
   *     {@link Capability#TRANSFER}
   */
  SnapshotWriter write(SnapshotId id, VolumeId source, ByteSize size);

  /**
   * Releases what the driver holds in this process; attachments stay. A second call does nothing.
   */
  @Override
  void close();
}
