package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.secret.Secret;

/** All that an agent needs to fill a volume from a source. */
public record LoadOrder(
    String pool,
    String volume,
    String engine,
    String engineVersion,
    String runtime,
    Secret source,
    String database) {}
