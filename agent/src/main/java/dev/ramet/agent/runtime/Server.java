package dev.ramet.agent.runtime;

import java.util.Map;

/**
 * A server that a runtime holds.
 *
 * @param id the instance's id
 * @param runtime the runtime's name
 * @param handle container id, or process id
 * @param running whether its main process lives, be it frozen
 * @param frozen whether it is held still
 * @param problem why it does not run; empty where it does
 * @param labels as given at start
 */
public record Server(
    String id,
    String runtime,
    String handle,
    boolean running,
    boolean frozen,
    String problem,
    Map<String, String> labels) {
  public Server {
    labels = Map.copyOf(labels);
  }
}
