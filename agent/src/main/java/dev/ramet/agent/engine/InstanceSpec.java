package dev.ramet.agent.engine;

import java.util.Map;

/**
 * An instance to start.
 *
 * @param id chosen by the caller
 * @param engine the engine's name
 * @param engineVersion major version
 * @param runtime empty: the host's preferred one
 * @param pool of the volume
 * @param volume attached volume that holds the data
 * @param address to listen on
 * @param port to listen on; 0: on no network, only on the socket in its volume
 * @param engineOptions settings of the server, on top of the engine's own
 * @param memoryLimitBytes 0: no limit; can be set on one that runs
 * @param cpuLimitMillis thousandths of a CPU; 0: no limit; can be set on one that runs
 * @param user made if it is not there; empty: none
 * @param password of the user; not one of the arguments that tell two specs apart
 * @param labels for people who look at the host
 */
public record InstanceSpec(
    String id,
    String engine,
    String engineVersion,
    String runtime,
    String pool,
    String volume,
    String address,
    int port,
    Map<String, String> engineOptions,
    long memoryLimitBytes,
    int cpuLimitMillis,
    String user,
    Secret password,
    Map<String, String> labels) {
  public InstanceSpec {
    engineOptions = Map.copyOf(engineOptions);
    labels = Map.copyOf(labels);
  }
}
