package dev.ramet.agent.runtime;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Servers in containers of a Docker engine, on the host's network. */
public final class DockerRuntime implements InstanceRuntime {
  private static final Pattern IDENTITY = Pattern.compile("uid=(\\d+).* gid=(\\d+)");
  private static final Duration STOP_MARGIN = Duration.ofSeconds(30);

  private final DockerSettings settings;
  private final DockerConnection docker;
  private final DockerImages images;
  private final DockerContainers containers;
  private final Map<String, Identity> users = new ConcurrentHashMap<>();
  private final FreshReport report;
  private final DockerEnds ends;

  /** Volumes whose tools have to go, and may still be there as Docker did not answer. */
  private final Set<String> unended = ConcurrentHashMap.newKeySet();

  public DockerRuntime(DockerSettings settings) {
    this.settings = settings;
    this.docker = new DockerConnection(settings.endpoint());
    this.images = new DockerImages(settings, docker);
    this.containers = new DockerContainers(settings.agent());
    this.ends = new DockerEnds(docker, settings.agent());
    this.report =
        new FreshReport(
            this::newReport,
            new RuntimeReport(
                name(), "Docker does not answer in time at " + settings.endpoint(), Map.of()));
  }

  @Override
  public String name() {
    return "docker";
  }

  @Override
  public RuntimeReport report() {
    return report.get();
  }

  private RuntimeReport newReport() {
    try {
      List<String> versions = images.versions();
      unended.forEach(this::removeToolsOf);
      return new RuntimeReport(name(), "", Map.of("postgres", versions));
    } catch (RuntimeException e) {
      return new RuntimeReport(name(), String.valueOf(e.getMessage()), Map.of());
    }
  }

  @Override
  public void ensurePrograms(Programs programs) throws InterruptedException {
    images.ensure(programs);
  }

  @Override
  public Identity databaseUser(Programs programs) throws InterruptedException {
    String image = images.name(programs);
    Identity known = users.get(image);
    if (known == null) {
      known = askForIdentity(image);
      users.put(image, known);
    }
    return known;
  }

  private Identity askForIdentity(String image) throws InterruptedException {
    List<String> said = new ArrayList<>();
    String container = docker.ask(client -> containers.createForIdentity(client, image));
    Tool tool =
        new Tool(
            new Programs("postgres", ""),
            new VolumeMount("", "", Path.of("/"), "", Map.of()),
            List.of("id"),
            Map.of(),
            Identity.ROOT,
            List.of(),
            false,
            said::add,
            said::add);
    try (DockerTool id = DockerTool.start(docker, container, tool)) {
      docker.ask(client -> client.inspectContainerCmd(container).exec());
      id.await();
    }
    Matcher identity = IDENTITY.matcher(String.join(" ", said));
    if (!identity.find()) {
      throw new AgentException(
          AgentError.ENGINE_IMAGE_MISSING,
          "container image '%s' has no user 'postgres': it keeps none of the official image's conventions"
              .formatted(image),
          said);
    }
    return new Identity(Integer.parseInt(identity.group(1)), Integer.parseInt(identity.group(2)));
  }

  @Override
  public String inside(VolumeMount mount, String relative) {
    return mount.inside() + "/" + relative;
  }

  @Override
  public String inside(Path file) {
    return DockerContainers.HOST_FILES + file;
  }

  @Override
  public void create(ServerSpec spec) throws InterruptedException {
    try {
      createFrom(spec.programs(), (client, image) -> containers.createServer(client, spec, image));
    } catch (ConflictException e) {
      if (find(spec.id()).isPresent()) {
        return; // Asked twice over a broken connection: it is ours.
      }
      throw new AgentException(
          AgentError.ALREADY_EXISTS,
          "a container '%s' of somebody else is on this host: remove it"
              .formatted(DockerContainers.name(spec.id())),
          e);
    } catch (DockerException e) {
      throw refused("create", spec.id(), e);
    }
  }

  /** An image that was removed meanwhile is made again, once. */
  private String createFrom(Programs programs, BiFunction<DockerClient, String, String> create)
      throws InterruptedException {
    String image = images.name(programs);
    try {
      return docker.ask(client -> create.apply(client, image));
    } catch (NotFoundException e) {
      images.forget(programs);
      images.ensure(programs);
      return docker.ask(client -> create.apply(client, image));
    }
  }

  @Override
  public Server launch(ServerSpec spec) {
    String name = DockerContainers.name(spec.id());
    try {
      docker.ask(client -> client.startContainerCmd(name).exec());
    } catch (NotModifiedException e) {
      // It runs already.
    } catch (DockerException e) {
      throw refused("start", spec.id(), e);
    }
    return find(spec.id())
        .orElseThrow(() ->
            new AgentException(
                AgentError.INSTANCE_DIED,
                "the container of instance '%s' vanished".formatted(spec.id())));
  }

  @Override
  public Optional<Server> find(String id) {
    return docker.ask(client -> {
      try {
        InspectContainerResponse container =
            client.inspectContainerCmd(DockerContainers.name(id)).exec();
        return server(id, container);
      } catch (NotFoundException e) {
        return Optional.empty();
      }
    });
  }

  @Override
  public List<Server> list() {
    return docker
        .ask(client ->
            client
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(
                    List.of(
                        DockerContainers.AGENT + "=" + settings.agent(), DockerContainers.INSTANCE))
                .exec())
        .stream()
        .map(this::server)
        .toList();
  }

  @Override
  public List<String> ended() {
    return report().available() ? ends.take() : List.of();
  }

  @Override
  public boolean remembersAfterReboot() {
    return true;
  }

  @Override
  public void delete(String id, Duration grace) {
    Optional<Server> found = find(id);
    if (found.isEmpty()) {
      return;
    }
    ends.ask(id);
    try {
      remove(id, found.get(), grace);
    } finally {
      ends.settled(id);
    }
  }

  private void remove(String id, Server server, Duration grace) {
    String container = server.handle();
    if (server.frozen() && grace.isPositive()) {
      thaw(id); // a frozen one does not hear
    }
    if (server.running() && grace.isPositive()) {
      stop(container, grace);
    }
    docker.ask(client -> {
      DockerContainers.remove(client, container);
      return id;
    });
  }

  private void stop(String container, Duration grace) {
    int seconds = (int) Math.min(3600, Math.max(1, grace.toSeconds()));
    try {
      docker.within(
          Duration.ofSeconds(seconds).plus(STOP_MARGIN),
          client -> client.stopContainerCmd(container).withTimeout(seconds).exec());
    } catch (NotModifiedException | NotFoundException e) {
      // It has ended.
      return;
    }
  }

  @Override
  public void limit(String id, long memoryBytes, int cpuMillis) {
    try {
      docker.ask(client -> DockerLimits.of(memoryBytes, cpuMillis).set(client, id));
    } catch (NotFoundException e) {
      // None: nothing to limit.
      return;
    } catch (DockerException e) {
      throw refused("limit", id, e);
    }
  }

  @Override
  public void freeze(String id) {
    setFrozen(id, true, (client, container) -> client.pauseContainerCmd(container).exec());
  }

  @Override
  public void thaw(String id) {
    setFrozen(id, false, (client, container) -> client.unpauseContainerCmd(container).exec());
  }

  private void setFrozen(String id, boolean frozen, BiFunction<DockerClient, String, Void> order) {
    Optional<Server> found =
        find(id).filter(Server::running).filter(server -> server.frozen() != frozen);
    if (found.isEmpty()) {
      return;
    }
    try {
      docker.ask(client -> Optional.ofNullable(order.apply(client, found.get().handle())));
    } catch (DockerException e) {
      boolean done = find(id).map(server -> server.frozen() == frozen).orElse(true);
      if (!done) {
        throw refused(frozen ? "freeze" : "thaw", id, e);
      }
    }
  }

  @Override
  public void log(String id, int tailLines, boolean follow, Consumer<List<String>> lines)
      throws InterruptedException {
    DockerLines cutter =
        new DockerLines(line -> lines.accept(List.of(line)), line -> lines.accept(List.of(line)));
    try (cutter) {
      docker.stream(client ->
          client
              .logContainerCmd(DockerContainers.name(id))
              .withStdOut(true)
              .withStdErr(true)
              .withTail(tailLines > 0 ? tailLines : Integer.MAX_VALUE)
              .withFollowStream(follow)
              .exec(cutter));
      cutter.awaitCompletion();
    } catch (NotFoundException e) {
      // Gone: nothing to tell.
      return;
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot read the log of '%s'".formatted(id), e);
    }
  }

  @Override
  public void boundLogs() {
    // Docker does: its containers are made with a limit.
  }

  @Override
  public RunningTool start(Tool tool) throws InterruptedException {
    String container;
    try {
      container =
          createFrom(
              tool.programs(), (client, image) -> containers.createTool(client, tool, image));
    } catch (DockerException e) {
      throw refused("create", tool.name(), e);
    }
    return DockerTool.start(docker, container, tool);
  }

  @Override
  public void endTools(String mountKey) {
    unended.add(mountKey);
    if (report().available()) {
      removeToolsOf(mountKey);
    }
  }

  /** Once: tools that were started since then are another load's. */
  private void removeToolsOf(String mountKey) {
    synchronized (unended) {
      if (unended.contains(mountKey)) {
        removeTools(DockerContainers.TOOL + "=" + mountKey);
        unended.remove(mountKey);
      }
    }
  }

  @Override
  public void warmUp() throws InterruptedException {
    removeTools(DockerContainers.TOOL);
    for (String version : images.versionsHere()) {
      // All that a start asks of Docker, once, and the answer is needed anyhow.
      Programs programs = new Programs("postgres", version);
      ensurePrograms(programs);
      databaseUser(programs);
    }
  }

  private void removeTools(String label) {
    List<Container> tools =
        docker.ask(client ->
            client
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(DockerContainers.AGENT + "=" + settings.agent(), label))
                .exec());
    for (Container tool : tools) {
      docker.ask(client -> {
        DockerContainers.remove(client, tool.getId());
        return tool;
      });
    }
  }

  private Optional<Server> server(String id, InspectContainerResponse container) {
    Map<String, String> labels = container.getConfig().getLabels();
    if (labels == null || !settings.agent().equals(labels.get(DockerContainers.AGENT))) {
      return Optional.empty();
    }
    InspectContainerResponse.ContainerState state = container.getState();
    boolean running = Boolean.TRUE.equals(state.getRunning());
    String problem =
        running
            ? ""
            : DockerContainers.NOT_STARTED.equals(state.getStatus())
                ? "its container was created, but not started"
                : Boolean.TRUE.equals(state.getOOMKilled())
                    ? "its container was killed for want of memory: give the clone more, or its"
                        + " server a smaller work_mem"
                    : "its container ended with code " + state.getExitCodeLong();
    boolean frozen = Boolean.TRUE.equals(state.getPaused());
    return Optional.of(new Server(id, name(), container.getId(), running, frozen, problem, labels));
  }

  private Server server(Container container) {
    Map<String, String> labels = container.getLabels();
    boolean frozen = "paused".equals(container.getState());
    boolean running = frozen || "running".equals(container.getState());
    return new Server(
        labels.getOrDefault(DockerContainers.INSTANCE, ""),
        name(),
        container.getId(),
        running,
        frozen,
        running ? "" : "its container does not run: " + container.getStatus(),
        labels);
  }

  private static AgentException refused(String verb, String what, DockerException cause) {
    return new AgentException(
        AgentError.INSTANCE_DIED,
        "Docker cannot %s the container of '%s': %s"
            .formatted(verb, what, String.valueOf(cause.getMessage()).strip()),
        cause);
  }
}
