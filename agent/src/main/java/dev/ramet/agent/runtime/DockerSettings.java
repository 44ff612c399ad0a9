package dev.ramet.agent.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the docker runtime.
 *
 * @param agent name of this agent, which tells its containers from others' on the same Docker
 * @param endpoint "unix:///var/run/docker.sock"
 * @param registry prefix of image names, "registry.example.com/library/"; empty: none
 * @param buildScript makes an image from packages, called with the image's name; none: only pull
 * @param buildable images that the script can make: "postgres:15"
 */
public record DockerSettings(
    String agent,
    String endpoint,
    String registry,
    Optional<Path> buildScript,
    List<String> buildable) {
  /** Where Docker listens unless told otherwise. */
  public static final String DEFAULT_ENDPOINT = "unix:///var/run/docker.sock";

  public DockerSettings {
    buildable = List.copyOf(buildable);
  }
}
