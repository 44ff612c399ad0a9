package dev.ramet.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A storage array, as it was just now.
 *
 * @param driver "linux-target"
 * @param endpoint where its API is
 * @param options by the driver's own names
 * @param problem why it cannot be used; empty where it is healthy
 * @param description model and version
 * @param capabilities what it can do
 * @param volumes of ours; only where one array was asked for
 * @param snapshots of ours; only where one array was asked for
 */
public record StorageArray(
    String name,
    String driver,
    String endpoint,
    Map<String, String> options,
    Instant createTime,
    boolean healthy,
    String problem,
    String description,
    long freeBytes,
    long totalBytes,
    List<String> capabilities,
    List<Volume> volumes,
    List<Snapshot> snapshots) {

  /** Copies the collections. */
  public StorageArray {
    options = Map.copyOf(options);
    capabilities = List.copyOf(capabilities);
    volumes = List.copyOf(volumes);
    snapshots = List.copyOf(snapshots);
  }

  /**
   * A volume of ours.
   *
   * @param origin snapshot that it was cloned from
   * @param initiators iSCSI names of hosts that have access
   */
  public record Volume(String id, String origin, long sizeBytes, List<String> initiators) {
    /** Copies the list. */
    public Volume {
      initiators = List.copyOf(initiators);
    }
  }

  /** A snapshot of ours. */
  public record Snapshot(String id, long sizeBytes) {}
}
