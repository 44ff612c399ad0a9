package dev.ramet.agent.config;

import java.nio.file.Path;
import java.util.List;

/**
 * The host as a storage array.
 *
 * @param dir folder of its volumes
 * @param sizeBytes of the file system that is made where the folder's own cannot share blocks
 * @param sources folder of raw files of others that may be snapshotted
 * @param portals where iSCSI listens
 * @param control control port of the target daemon
 */
public record TargetConfig(
    Path dir, long sizeBytes, Path sources, List<Endpoint> portals, int control) {
  public TargetConfig {
    portals = List.copyOf(portals);
  }
}
