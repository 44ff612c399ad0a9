package dev.ramet.coordinator.fleet;

import java.util.List;

/** What a filled volume holds. */
public record LoadResult(
    String engineVersion, String database, List<String> databases, long dataBytes) {}
