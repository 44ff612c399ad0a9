package dev.ramet.coordinator.fleet;

/**
 * How much a volume has grown.
 *
 * @param bytes beyond its origin: not less, and exact from 80 % of the limit on
 */
public record GrowthSeen(String pool, String volume, long bytes) {}
