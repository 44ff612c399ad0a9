package dev.ramet.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How instances are run.
 *
 * @param order names of runtimes, preferred first
 * @param startTimeout how long an instance may take to answer a query
 * @param docker of the runtime "docker"
 * @param process of the runtime "process"
 */
public record RuntimeConfig(
    List<String> order, Duration startTimeout, Docker docker, HostProcess process) {

  /** Copies the list. */
  public RuntimeConfig {
    order = List.copyOf(order);
  }

  /**
   * Containers.
   *
   * @param endpoint "unix:///var/run/docker.sock"
   * @param registry prefix of image names, may be empty
   * @param buildScript program that makes images
   * @param buildImages images that it can make
   */
  public record Docker(
      String endpoint, String registry, Optional<Path> buildScript, List<String> buildImages) {

    /** Copies the list. */
    public Docker {
      buildImages = List.copyOf(buildImages);
    }
  }

  /**
   * Processes of this host.
   *
   * @param user that database servers run as
   * @param packages folder with one folder by major version
   * @param binaries folder of packed binaries
   */
  public record HostProcess(String user, Path packages, Optional<Path> binaries) {}
}
