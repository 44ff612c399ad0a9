package dev.ramet.agent.engine;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.ServerSpec;
import dev.ramet.agent.runtime.VolumeMount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One kind of database. Safe for many threads. */
public interface Engine {
  /** "postgres". */
  String name();

  /**
   * Looks at a source without changing anything on it or on the host.
   *
   * @throws AgentException {@code SOURCE_*}, {@link AgentError#RUNTIME_UNAVAILABLE}
   */
  SourceReport probe(ProbeRequest request) throws InterruptedException;

  /**
   * Fills an attached volume: copies or restores, starts the server on it once, checks it, makes it
   * ready for clones, shuts it down cleanly. Where the volume holds the data already ({@link
   * Source#isInVolume}), brings them into place by renaming, and removes all else from the volume.
   *
   * <p>Repeat: on a volume that is complete by the same arguments, the result at once; on an
   * incomplete one, begins anew on an emptied volume, or goes on with the data that it holds; any
   * other is refused and not altered. On failure or interrupt the tools are ended before this
   * returns, and the volume is left incomplete. Cost: proportional to the data; to the number of
   * files and the length of the recovery where it holds them.
   *
   * @throws AgentException {@link AgentError#ALREADY_EXISTS} on a volume that is complete by other
   *     arguments, {@link AgentError#IN_USE} on one that an instance is on; {@code SOURCE_*},
   *     {@link AgentError#LOAD_FAILED}, {@link AgentError#POOL_FULL}, {@link
   *     AgentError#ENGINE_IMAGE_MISSING}
   * @throws InterruptedException when the calling thread is interrupted, to cancel
   */
  LoadResult load(LoadRequest request, ProgressListener listener) throws InterruptedException;

  /**
   * Ends the tools of a load on this volume that nobody waits for: those of an earlier life of the
   * agent. A load that runs in this life is cancelled by interrupting its thread. Also to be called
   * before a build volume is detached.
   */
  void endLeftovers(String pool, String volume) throws InterruptedException;

  /** How a container of this engine sees the volume. */
  VolumeMount mount(String pool, String volume, Path root);

  /**
   * Writes the instance's configuration into its volume and says what to run. Repeat: writes the
   * same.
   *
   * @throws AgentException {@link AgentError#INVALID_ARGUMENT} or {@link
   *     AgentError#ENGINE_OPTION_INVALID}; {@link AgentError#NOT_FOUND} where the volume holds no
   *     complete database of this engine
   */
  ServerSpec prepare(InstanceSpec spec, VolumeMount mount, InstanceRuntime runtime);

  /**
   * Waits until the server answers a real query, then makes the user.
   *
   * @param alive whether its main process lives, as far as known; asked now and then
   * @param ready called between the two
   * @throws AgentException {@link AgentError#INSTANCE_NOT_READY} after the timeout; {@link
   *     AgentError#INSTANCE_DIED} where it ended
   */
  void awaitReady(
      InstanceSpec spec, VolumeMount mount, BooleanSupplier alive, Duration timeout, Runnable ready)
      throws InterruptedException;

  /**
   * Has a running server write to its volume what it holds in memory. Repeat: cheap. Cost:
   * proportional to what was changed since the last time. No use of it in the sense of {@link
   * #activity}.
   *
   * @param port that the instance was started with
   * @throws AgentException {@link AgentError#INSTANCE_NOT_READY} where it does not answer
   * @throws InterruptedException when the calling thread is interrupted, to give up waiting
   */
  void checkpoint(VolumeMount mount, int port) throws InterruptedException;

  /**
   * Who uses a running server. Looking is no use.
   *
   * @param port that the instance was started with
   * @throws AgentException {@link AgentError#INSTANCE_NOT_READY} where it does not answer
   * @throws InterruptedException when the calling thread is interrupted, to give up waiting
   */
  Activity activity(VolumeMount mount, int port) throws InterruptedException;

  /**
   * Has a running server take a connection. No use of it in the sense of {@link #activity}.
   *
   * @param port that the instance was started with
   * @throws AgentException {@link AgentError#INSTANCE_NOT_READY} where it does not answer
   * @throws InterruptedException when the calling thread is interrupted, to give up waiting
   */
  void requireAnswer(VolumeMount mount, int port) throws InterruptedException;

  /**
   * What the last lines of a server that died say, in one line and sorted; empty: nothing known.
   */
  Optional<AgentException> diagnose(InstanceSpec spec, List<String> logTail);

  /** Loads the classes of the hot path, so that the first start is as fast as the second. */
  void warmUp();
}
