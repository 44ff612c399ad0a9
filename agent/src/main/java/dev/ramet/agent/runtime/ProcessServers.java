package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.ProcessTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the servers of one agent again: by the record in a server's volume, and by what its process
 * had in its environment when it was started.
 */
final class ProcessServers {
  /** Variable that tells the instance. */
  static final String INSTANCE = "RAMET_INSTANCE";

  /** Variable that tells whose it is. */
  static final String AGENT = "RAMET_AGENT";

  private static final Duration EXEC_PAUSE = Duration.ofMillis(1);
  private static final int EXEC_LOOKS = 1000;

  private static final Logger LOGGER = LoggerFactory.getLogger(ProcessServers.class);

  private final String agent;
  private final Volumes volumes;

  ProcessServers(String agent, Volumes volumes) {
    this.agent = agent;
    this.volumes = volumes;
  }

  /**
   * A server, running or not.
   *
   * @param root of its volume
   * @param damage why its record cannot be read; empty where it can
   */
  record Found(ProcessRecord record, Path root, String damage) {}

  /**
   * The server of this id; cheap: its volume has its id.
   *
   * @throws AgentException {@link AgentError#POOL_UNHEALTHY} where it runs and its volume cannot be
   *     reached
   */
  Optional<Found> find(String id) {
    Volumes.Search search = volumes.named(id);
    for (AttachedVolume volume : search.attached()) {
      Optional<Found> found = look(volume);
      if (found.isPresent()) {
        return found;
      }
    }
    if (!search.complete() && processOf(id).isPresent()) {
      throw new AgentException(
          AgentError.POOL_UNHEALTHY,
          "instance '%s' runs, but its volume is in a pool that cannot be read: the host's pools say why"
              .formatted(id));
    }
    return Optional.empty();
  }

  /** All of this agent. */
  Stream<Found> all() {
    return volumes.attached().stream().flatMap(volume -> look(volume).stream());
  }

  /**
   * The server of a volume. One whose record is damaged is still there: it is known by the volume's
   * name, and found in the table of processes where it runs. A record of another id came along in a
   * copy of a volume that was in use, and is nobody's.
   */
  private Optional<Found> look(AttachedVolume volume) {
    try {
      return ProcessRecord.read(volume.root())
          .filter(record -> record.agent().equals(agent))
          .filter(record -> record.id().equals(volume.volume()))
          .map(record -> new Found(record, volume.root(), ""));
    } catch (AgentException e) {
      LOGGER.atWarn().addKeyValue("instance", volume.volume()).log("{}", e.getMessage());
      return Optional.of(
          new Found(
              ProcessRecord.lost(volume.volume(), agent),
              volume.root(),
              String.valueOf(e.getMessage())));
    }
  }

  /** The process that all others of the server come from; empty: it does not run. */
  OptionalLong mainProcess(Found found) {
    ProcessRecord record = found.record();
    if (record.pid() != 0) {
      OptionalLong ticks = ProcessTable.startTicks(record.pid());
      boolean same =
          ticks.isPresent()
              && ticks.getAsLong() == record.startTicks()
              && isStillOurs(record.pid(), record.id());
      return same ? OptionalLong.of(record.pid()) : OptionalLong.empty();
    }
    // The agent ended between the start and writing it down.
    return processOf(record.id());
  }

  /**
   * A process of this id whose volume is in no pool any more, or may be; where it is in one, its
   * record would have told. Cost: a look at all processes, where the volume is not there.
   */
  OptionalLong lostProcessOf(String id) {
    Volumes.Search search = volumes.named(id);
    boolean there = !search.attached().isEmpty() || !search.detachedIn().isEmpty();
    return there && search.complete() ? OptionalLong.empty() : processOf(id);
  }

  /** By its environment alone. Cost: a look at all processes. */
  OptionalLong processOf(String id) {
    return ProcessTable.find(pid -> isOurs(pid, id)).stream()
        .filter(pid -> !isOurs(ProcessTable.parent(pid), id))
        .mapToLong(Long::longValue)
        .findFirst();
  }

  /**
   * As {@link #isOurs}, of a process that is there: in the midst of execve(2), of which a start
   * needs some, it shows no environment (fs/proc/base.c, environ_read) and is looked at again.
   */
  private boolean isStillOurs(long pid, String id) {
    Map<String, String> environment = ProcessTable.environment(pid);
    for (int look = 0;
        environment.isEmpty() && look < EXEC_LOOKS && ProcessTable.lives(pid);
        look++) {
      LockSupport.parkNanos(EXEC_PAUSE.toNanos());
      environment = ProcessTable.environment(pid);
    }
    return isOurs(environment, id);
  }

  private boolean isOurs(long pid, String id) {
    return isOurs(ProcessTable.environment(pid), id);
  }

  private boolean isOurs(Map<String, String> environment, String id) {
    return id.equals(environment.get(INSTANCE)) && agent.equals(environment.get(AGENT));
  }
}
