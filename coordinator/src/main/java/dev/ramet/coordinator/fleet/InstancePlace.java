package dev.ramet.coordinator.fleet;

/**
 * What an instance was started with, as far as its agent needs it to reach its server.
 *
 * @param id of the instance and its volume
 */
public record InstancePlace(String id, String pool, String engine, int port) {}
