package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.secret.Secret;
import dev.ramet.storage.san.LunAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * One agent, spoken to by one coordinator in one term. Every mutating verb is keyed by an id that
 * the caller chose and may be repeated. All calls block; all throw {@link AgentException}.
 */
public interface Agent {
  Observation observe(String pool, String volume, String instance, String snapshot);

  Inventory inventory();

  /** Bytes that deleting a volume would free. Cost: proportional to its number of extents. */
  long ownBytes(String pool, String volume);

  /** Bytes that deleting a snapshot would free. Cost: proportional to its number of extents. */
  long ownBytesOfSnapshot(String pool, String snapshot);

  /** How much volumes hold beyond their origins; what is not attached is left out. Cheap. */
  List<GrowthSeen> growth(List<GrowthAsked> volumes);

  SourceFound probe(String engine, Secret source);

  void createVolume(String pool, String id, long sizeBytes);

  void cloneVolume(String pool, String id, String snapshot, long limitBytes);

  /**
   * A volume with the content of somebody else's volume on an array, as of now; its size, bytes.
   * Gone with its {@link #deleteVolume}.
   */
  long importVolume(String pool, String id, String source);

  void attachVolume(String pool, String id);

  /** A volume of an array's, that the host was given access to. */
  void attachLun(String pool, String id, LunAddress address);

  void detachVolume(String pool, String id);

  void deleteVolume(String pool, String id);

  /** Of a detached volume; a live one is of one instant of a volume that may be written to. */
  void createSnapshot(String pool, String id, String volume, boolean live);

  void deleteSnapshot(String pool, String id);

  /** When cancelled, the agent takes back what it began. */
  InstanceSeen startInstance(StartOrder order, Cancellation cancellation);

  void deleteInstance(String id);

  /**
   * As {@link #deleteInstance(String)}.
   *
   * @param grace how long its clean shutdown may take; it is killed then
   */
  void deleteInstance(String id, Duration grace);

  /** It keeps memory and connections, and does nothing. */
  void freezeInstance(String id);

  /** It goes on. */
  void thawInstance(String id);

  /** The server writes to its volume what it holds in memory. */
  void checkpoint(String instance);

  InstanceActivity activity(String instance);

  /** Whether its server takes a connection; quick. */
  void probe(InstancePlace instance);

  /**
   * Cost: proportional to the data. Ends early when cancelled; the load goes on at the agent then.
   */
  LoadResult loadSource(LoadOrder order, Consumer<Progress> progress, Cancellation cancellation);

  void cancelLoad(String pool, String volume);

  /**
   * Cost: proportional to the data. Ends early when cancelled; the copying goes on at the agent
   * then.
   */
  void pullSnapshot(
      String pool,
      String id,
      String fromAddress,
      String fromPool,
      Consumer<Progress> progress,
      Cancellation cancellation);

  void cancelPull(String pool, String id);

  /** The last lines of an instance's log; takes no longer than a look. */
  List<String> lastLines(String instance, int lines);

  /** Sends log lines until there are no more, or, when following, until cancelled. */
  void readLog(
      String instance,
      int tailLines,
      boolean follow,
      Consumer<List<String>> lines,
      Cancellation cancellation);
}
