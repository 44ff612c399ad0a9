package dev.ramet.storage.iscsi;

import dev.ramet.storage.StorageException;
import dev.ramet.storage.VolumeId;
import dev.ramet.storage.san.LunAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How this host reaches a LUN's bytes: a file or block device that stands for the LUN as long as it
 * is <i>connected</i>. It knows nothing of what is on the LUN. Safe for concurrent use on different
 * ids.
 *
 * <p>Every call ends in bounded time, whatever the target, the network or a daemon does.
 */
interface LunTransport {

  /** What this host lacks for it, with the package to install; empty: nothing. Cheap. */
  Optional<String> lacks();

  /** The name that targets know this host by. */
  String initiatorName();

  /** Whether the target can be asked to show who it is. */
  boolean checksTargets();

  /**
   * Connects the LUN, having made sure by its WWID that it is the one meant. Connected already: the
   * same answer. On failure, or cut short: nothing is left, or what a repeat completes and {@link
   * #disconnect} clears.
   *
   * @throws StorageException {@code DEVICE} saying for each portal what is in the way
   */
  Path connect(VolumeId id, LunAddress address) throws IOException;

  /** Where the LUN is connected and can be used; empty where it is not. */
  Optional<Path> find(VolumeId id) throws IOException;

  /** What a connection that was cut short or broke left behind, in words; empty: nothing. */
  Optional<String> remains(VolumeId id) throws IOException;

  /**
   * Lets what waits for the LUN fail now rather than wait for it to answer again: for one that does
   * not answer and shall be given up. Not connected: nothing happens.
   */
  void sever(VolumeId id) throws IOException;

  /** Ends the connection and leaves nothing of it. Not connected: nothing happens. */
  void disconnect(VolumeId id) throws IOException;
}
