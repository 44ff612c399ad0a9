package dev.ramet.coordinator.placement;

import java.util.Optional;

/**
 * A build, or a replica, that wants a place.
 *
 * @param engine engine that must run there; empty: none (a replica is only storage)
 * @param engineVersion major version; empty: any
 * @param driver driver that the pool must have; empty: any
 * @param dataBytes bytes that will be written; 0: not known yet
 */
public record BuildRequest(
    Optional<String> engine,
    String engineVersion,
    Optional<String> host,
    Optional<String> driver,
    long dataBytes) {}
