package dev.ramet.agent.runtime;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How our containers are made. Labels tell whose they are and what for. */
final class DockerContainers {
  static final String AGENT = "dev.ramet.agent";
  static final String INSTANCE = "dev.ramet.instance";
  static final String TOOL = "dev.ramet.tool";

  /** State of a container that was made, and not started as far as Docker knows. */
  static final String NOT_STARTED = "created";

  /** Where tools see files of the host. */
  static final String HOST_FILES = "/ramet-host";

  /** Only a limit: memory is taken as parallel queries need it. */
  private static final long SHARED_MEMORY = 1L << 30;

  /** A clone that complains all day, or a long load, must not fill the disk of Docker. */
  private static final LogConfig BOUNDED_LOG =
      new LogConfig(LogConfig.LoggingType.JSON_FILE, Map.of("max-size", "10m", "max-file", "3"));

  private final String agent;

  DockerContainers(String agent) {
    this.agent = agent;
  }

  static String name(String id) {
    return "ramet-" + id;
  }

  String createServer(DockerClient client, ServerSpec spec, String image) {
    Map<String, String> labels = new HashMap<>(spec.labels());
    labels.put(AGENT, agent);
    labels.put(INSTANCE, spec.id());
    HostConfig host = host(spec.mount(), List.of());
    DockerLimits.of(spec.memoryLimitBytes(), spec.cpuLimitMillis()).apply(host);
    return command(client, image, spec.command(), spec.environment(), spec.user())
        .withName(name(spec.id()))
        .withLabels(labels)
        .withStopSignal(spec.stopSignal().name())
        .withHostConfig(host)
        .exec()
        .getId();
  }

  String createTool(DockerClient client, Tool tool, String image) {
    HostConfig host = host(tool.mount(), tool.files());
    Identity user = tool.user();
    if (tool.readsAnyFile()) {
      // Docker gives capabilities to root only: a root that has no other.
      host.withCapDrop(Capability.ALL).withCapAdd(Capability.DAC_READ_SEARCH);
      user = Identity.ROOT;
    }
    return command(client, image, tool.command(), tool.environment(), user)
        .withLabels(Map.of(AGENT, agent, TOOL, tool.mount().key()))
        .withHostConfig(host)
        .withAttachStdout(true)
        .withAttachStderr(true)
        .exec()
        .getId();
  }

  /** One that only tells what the image's user is. */
  String createForIdentity(DockerClient client, String image) {
    return command(client, image, List.of("id", "postgres"), Map.of(), Identity.ROOT)
        .withLabels(Map.of(AGENT, agent, TOOL, "identity"))
        .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"))
        .withAttachStdout(true)
        .withAttachStderr(true)
        .exec()
        .getId();
  }

  /** Repeat: nothing to do. */
  static void remove(DockerClient client, String container) {
    try {
      String state = client.inspectContainerCmd(container).exec().getState().getStatus();
      if (NOT_STARTED.equals(state)) {
        LostShims.end(container);
      }
      client.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException e) {
      // As wanted.
      return;
    }
  }

  private static CreateContainerCmd command(
      DockerClient client,
      String image,
      List<String> command,
      Map<String, String> environment,
      Identity user) {
    return client
        .createContainerCmd(image)
        // The program itself, not the image's script: that would cost time and has nothing to do.
        .withEntrypoint(command.getFirst())
        .withCmd(command.subList(1, command.size()))
        .withEnv(
            environment.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList())
        .withUser(user.toString());
  }

  private static HostConfig host(VolumeMount mount, List<Path> readable) {
    List<Bind> binds = new ArrayList<>();
    binds.add(new Bind(mount.root().toString(), new Volume(mount.inside())));
    mount
        .places()
        .forEach((place, folder) ->
            binds.add(new Bind(mount.root().resolve(folder).toString(), new Volume(place))));
    for (Path file : readable) {
      binds.add(new Bind(file.toString(), new Volume(HOST_FILES + file), AccessMode.ro));
    }
    return HostConfig.newHostConfig()
        .withNetworkMode("host")
        .withBinds(binds)
        .withLogConfig(BOUNDED_LOG)
        .withShmSize(SHARED_MEMORY);
  }
}
