package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A way to run an engine's programs: servers that outlive the agent, and tools that do not.
 *
 * <p>Only what this agent started is ever seen or touched. All methods are safe for many threads;
 * the caller keeps two calls on one id apart. A runtime that does not answer makes every method
 * that needs it fail with {@link AgentError#RUNTIME_UNAVAILABLE}.
 */
public interface InstanceRuntime {
  /** "docker", "process". */
  String name();

  /** What it can do now. Never fails; cheap enough for every heartbeat. */
  RuntimeReport report();

  /**
   * Makes the programs ready to run: pulls or builds an image where there is none. May take
   * minutes, when it does; cheap otherwise.
   *
   * @throws AgentException {@link AgentError#ENGINE_IMAGE_MISSING} where they cannot be got
   */
  void ensurePrograms(Programs programs) throws InterruptedException;

  /** Who owns the data that these programs make. */
  Identity databaseUser(Programs programs) throws InterruptedException;

  /** How a program sees a place in its volume. */
  String inside(VolumeMount mount, String relative);

  /** How a tool sees a file of the host that it was given by {@link Tool#files}. */
  String inside(Path file);

  /**
   * First half of a start: writes down that the server is to be. After a failure, or the agent's
   * death, {@link #find} may tell of a server that does not run; {@link #delete} removes it.
   */
  void create(ServerSpec spec) throws InterruptedException;

  /** Second half: runs what was created. Returns when its main process was started. */
  Server launch(ServerSpec spec);

  /** The server of this id, running or not. Cheap: its volume has its id. */
  Optional<Server> find(String id);

  /** All servers of this agent, running or not. */
  List<Server> list();

  /**
   * Ids of servers that ended since it was asked last, and that nobody asked to end; one that is
   * missed is seen when it is looked for. Meant for every second. Cost: a look at each server.
   */
  default List<String> ended() {
    return List.of();
  }

  /** Whether it knows its servers still after the host was restarted. */
  boolean remembersAfterReboot();

  /**
   * Asks for a clean shutdown (a frozen one goes on for it), kills after the grace time, and
   * removes all traces but the volume. None: nothing to do. Returns when no process of it is left.
   */
  void delete(String id, Duration grace) throws InterruptedException;

  /**
   * Sets the limits of a server that runs. It has them already, or there is none: nothing to do. On
   * failure it keeps those that it had.
   *
   * @param memoryBytes 0: none
   * @param cpuMillis thousandths of a CPU; 0: none
   * @throws AgentException {@link AgentError#UNSUPPORTED} where the runtime cannot limit, {@link
   *     AgentError#ALREADY_EXISTS} where it has one that can only be taken off by a new start,
   *     {@link AgentError#INSTANCE_DIED} where it cannot live within them
   */
  void limit(String id, long memoryBytes, int cpuMillis);

  /**
   * Holds all processes of the server still: they keep their memory and their connections, and do
   * nothing. It stays so when the agent ends. Frozen already, or none that runs: nothing to do.
   */
  void freeze(String id) throws InterruptedException;

  /** Lets it go on. Not frozen, or none: nothing to do. */
  void thaw(String id) throws InterruptedException;

  /**
   * The server's log, oldest first, in blocks as they come.
   *
   * @param tailLines how many lines back to begin; 0: all that is kept
   * @param follow go on until interrupted or the server ends
   */
  void log(String id, int tailLines, boolean follow, Consumer<List<String>> lines)
      throws InterruptedException;

  /** Keeps the servers' logs within bounds, where nobody else does. To be called now and then. */
  void boundLogs();

  /** Starts a tool on a volume. It does not outlive the {@link RunningTool#close}. */
  RunningTool start(Tool tool) throws InterruptedException;

  /**
   * Ends every tool on this volume that nobody waits for any more, an earlier life of the agent's
   * too, and returns when they are gone. Where the runtime does not answer now, they go as soon as
   * it does.
   *
   * @param mountKey {@link VolumeMount#key}
   */
  void endTools(String mountKey) throws InterruptedException;

  /**
   * Ends what an earlier life of the agent left running of tools, and makes the first start fast.
   */
  void warmUp() throws InterruptedException;
}
