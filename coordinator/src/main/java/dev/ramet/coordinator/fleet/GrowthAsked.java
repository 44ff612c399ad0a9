package dev.ramet.coordinator.fleet;

/** A volume whose growth is held against a limit, bytes. */
public record GrowthAsked(String pool, String volume, long limitBytes) {}
