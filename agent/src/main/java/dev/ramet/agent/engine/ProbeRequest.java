package dev.ramet.agent.engine;

/**
 * A source to look at.
 *
 * @param version major version that is wanted; empty: the engine chooses
 * @param source what to look at
 * @param runtime that the load would use; empty: the host's preferred one
 */
public record ProbeRequest(String version, Source source, String runtime) {}
