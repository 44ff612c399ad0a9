package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.secret.Secret;
import java.util.Map;

/**
 * All that an agent needs to start an instance.
 *
 * @param recovery it answered before: it may take its time, and is not killed over it
 */
public record StartOrder(
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
    Map<String, String> labels,
    boolean recovery) {}
