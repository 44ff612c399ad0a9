package dev.ramet.agent.runtime;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.UpdateContainerCmd;
import com.github.dockerjava.api.model.HostConfig;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import org.jspecify.annotations.Nullable;

/**
 * What a container may use of its host, in Docker's units. No swap beyond the memory: a server that
 * swaps is slower than none.
 *
 * @param memory bytes; 0: no limit
 * @param nanoCpus billionths of a CPU; 0: no limit
 */
record DockerLimits(long memory, long nanoCpus) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  static DockerLimits of(long memoryBytes, int cpuMillis) {
    return new DockerLimits(memoryBytes, cpuMillis * NANOS_PER_MILLI);
  }

  private static DockerLimits of(HostConfig host) {
    return new DockerLimits(orZero(host.getMemory()), orZero(host.getNanoCPUs()));
  }

  private static long orZero(@Nullable Long limit) {
    return limit == null ? 0 : limit;
  }

  /** To a container that is to be made. */
  void apply(HostConfig host) {
    if (memory > 0) {
      host.withMemory(memory).withMemorySwap(memory);
    }
    if (nanoCpus > 0) {
      host.withNanoCPUs(nanoCpus);
    }
  }

  /**
   * To a server's container that is there. Docker can change a limit, and not take one off: an
   * update by 0 means "as it is" (docker-update(1)).
   */
  DockerLimits set(DockerClient client, String id) {
    String container = DockerContainers.name(id);
    DockerLimits has = of(client.inspectContainerCmd(container).exec().getHostConfig());
    if (equals(has)) {
      return this;
    }
    if ((memory == 0 && has.memory > 0) || (nanoCpus == 0 && has.nanoCpus > 0)) {
      throw new AgentException(
          AgentError.ALREADY_EXISTS,
          "instance '%s' is here already, with a limit that is not asked for any more: delete it first"
              .formatted(id));
    }
    UpdateContainerCmd update = client.updateContainerCmd(container);
    if (memory > 0) {
      update.withMemory(memory).withMemorySwap(memory);
    }
    if (nanoCpus > 0) {
      update.withNanoCPUs(nanoCpus);
    }
    update.exec();
    return this;
  }
}
