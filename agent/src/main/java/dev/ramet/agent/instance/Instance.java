package dev.ramet.agent.instance;

import java.util.List;

/**
 * A database server on this host.
 *
 * @param id chosen by the caller
 * @param state as the host has it now
 * @param runtime the runtime's name
 * @param engine the engine's name
 * @param engineVersion major version
 * @param pool of its volume
 * @param volume its volume
 * @param address it listens on
 * @param port it listens on; 0: on no network
 * @param handle container id, or process id
 * @param problem why it is DEAD; empty otherwise
 * @param steps of this start, in order; empty where it was found, not started
 */
public record Instance(
    String id,
    State state,
    String runtime,
    String engine,
    String engineVersion,
    String pool,
    String volume,
    String address,
    int port,
    String handle,
    String problem,
    List<TimedStep> steps) {
  public Instance {
    steps = List.copyOf(steps);
  }

  /** Where it is in its life. */
  public enum State {
    /** It runs, but its start did not come to its end: repeat the start, or delete it. */
    STARTING,
    /** It runs, and answered a query. */
    RUNNING,
    /** All its processes are held still: it answers nobody until it is thawed. */
    FROZEN,
    /** It was started, and ended by itself. */
    DEAD
  }
}
