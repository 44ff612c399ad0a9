package dev.ramet.agent.runtime;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Signal;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A tool that runs in a container of its own. */
final class DockerTool implements RunningTool {
  private final DockerConnection docker;
  private final String container;
  private final DockerLines lines;
  private final DockerExit exit = new DockerExit();

  private DockerTool(DockerConnection docker, String container, DockerLines lines) {
    this.docker = docker;
    this.container = container;
    this.lines = lines;
  }

  /** Attaches first, so that no line is missed, then starts the container. */
  static DockerTool start(DockerConnection docker, String container, Tool tool)
      throws InterruptedException {
    DockerTool started =
        new DockerTool(docker, container, new DockerLines(tool.output(), tool.errors()));
    try {
      started.attach();
      docker.ask(client -> client.startContainerCmd(container).exec());
      // Not before: a container that was not started yet counts as ended.
      docker.stream(client -> client.waitContainerCmd(container).exec(started.exit));
      return started;
    } catch (InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private void attach() throws InterruptedException {
    docker.stream(client ->
        client
            .attachContainerCmd(container)
            .withFollowStream(true)
            .withStdOut(true)
            .withStdErr(true)
            .exec(lines));
    lines.awaitStarted(10, TimeUnit.SECONDS);
  }

  @Override
  public boolean alive() {
    return !exit.isKnown();
  }

  @Override
  public void signal(Signal signal) {
    try {
      docker.ask(client -> client.killContainerCmd(container).withSignal(signal.name()).exec());
    } catch (ConflictException | NotFoundException e) {
      // It has ended, as was asked for.
      return;
    }
  }

  @Override
  public int await() throws InterruptedException {
    int exitCode = exit.await();
    lines.awaitCompletion(5, TimeUnit.SECONDS);
    return exitCode;
  }

  @Override
  public void close() {
    try (lines;
        exit) {
      docker.ask(client -> {
        DockerContainers.remove(client, container);
        return container;
      });
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot close a stream of " + container, e);
    }
  }
}
