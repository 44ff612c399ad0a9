package dev.ramet.agent.runtime;

import java.nio.file.Path;
import java.util.Map;

/**
 * An attached volume, and where an engine's container image expects it.
 *
 * @param pool the volume's pool
 * @param volume the volume's id
 * @param root where its file system is mounted on the host
 * @param inside where a container sees it: "/var/lib/postgresql"
 * @param places further places in a container that show a folder of the volume: place to folder,
 *     relative to the volume's root
 */
public record VolumeMount(
    String pool, String volume, Path root, String inside, Map<String, String> places) {
  public VolumeMount {
    places = Map.copyOf(places);
  }

  /** Names the volume among all of this host. */
  public String key() {
    return pool + "/" + volume;
  }
}
