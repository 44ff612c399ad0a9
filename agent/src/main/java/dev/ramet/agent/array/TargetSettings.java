package dev.ramet.agent.array;

import java.nio.file.Path;
import java.util.List;

/**
 * What a target is made of.
 *
 * @param host name of this host, part of its targets' names
 * @param dir folder of its volumes
 * @param sizeBytes of the file system that is made where the folder's own cannot share blocks
 * @param sources folder of raw files of others that may be snapshotted, on the same file system
 * @param portals where it is reached, "10.0.0.5:3260"
 * @param control number of the target daemon's control port (tgtadm -C)
 */
public record TargetSettings(
    String host, Path dir, long sizeBytes, Path sources, List<String> portals, int control) {
  public TargetSettings {
    portals = List.copyOf(portals);
  }
}
