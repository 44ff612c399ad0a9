package dev.ramet.storage.san;

import dev.ramet.storage.Attachment;
import dev.ramet.storage.CowDriver;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;

/**
 * A host's way to volumes of arrays: a pool that holds nothing itself. Its volumes are the LUNs
 * that are attached now, by our ids; {@code detach} logs out of them, {@code list} and {@code
 * findVolume} tell what the kernel and the initiator have, leftovers of an attach that was cut
 * short too. What makes, copies or removes volumes is {@code UNSUPPORTED}: the array does that.
 *
 * <p>The rules of {@link CowDriver} hold: every verb may be repeated, and one that was cut short is
 * completed or cleared by a repeat, or by {@code detach}.
 */
public interface LunDriver extends CowDriver {

  /** The host's iSCSI name. It stays the same as long as the pool's directory is there. */
  String initiatorName();

  /** Whether the target can be asked to show who it is (CHAP in both directions). */
  boolean checksTargets();

  /**
   * Logs in where that is needed, makes sure by its WWID that the LUN is the one meant, and mounts
   * its file system (ext4, or XFS, which may carry the UUID of its origin). Repeat: the same
   * answer. On failure nothing of it is left, or what a repeat or a detach clears.
   *
   * @throws StorageException {@code ALREADY_EXISTS} where the id is attached to another LUN; {@code
   *     DEVICE} saying what failed: no portal answers, CHAP refused, no such LUN, another WWID, no
   *     file system or one that is not known (naming what was found); {@code POOL_UNHEALTHY} where
   *     the host lacks a program, naming its package; {@code UNSUPPORTED} for CHAP in both
   *     directions without {@link #checksTargets}
   */
  Attachment attach(VolumeId id, LunAddress address);
}
