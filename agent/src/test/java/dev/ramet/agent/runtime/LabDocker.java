package dev.ramet.agent.runtime;

import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Docker engine that the tests use: that of DOCKER_HOST, else the one at Docker's usual place.
 */
public final class LabDocker {
  private static final String ENDPOINT =
      Optional.ofNullable(System.getenv("DOCKER_HOST")).orElse(DockerSettings.DEFAULT_ENDPOINT);

  private LabDocker() {}

  /** A runtime that only pulls what it lacks. */
  public static DockerRuntime runtime(String agent) {
    return new DockerRuntime(new DockerSettings(agent, ENDPOINT, "", Optional.empty(), List.of()));
  }

  /** What a program needs that is to use the same engine. */
  public static Map<String, String> environment() {
    return Map.of("DOCKER_HOST", ENDPOINT);
  }

  /** The docker command. */
  public static Completed command(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return Commands.run(new Command(command, environment()), Duration.ofSeconds(30));
  }

  /** Ids of all containers, running or not, of one agent. */
  public static List<String> containersOf(String agent) throws InterruptedException {
    Completed listed = command("ps", "-aq", "--filter", "label=dev.ramet.agent=" + agent);
    if (!listed.ok()) {
      throw new IllegalStateException("docker ps: " + listed.output());
    }
    return listed.output();
  }

  static String endpoint() {
    return ENDPOINT;
  }

  /** Where the engine listens. */
  static Path socket() {
    return Path.of(ENDPOINT.substring("unix://".length()));
  }
}
