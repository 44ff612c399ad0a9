package dev.ramet.agent.engine;

import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * A volume to fill.
 *
 * @param pool the volume's pool
 * @param volume the volume's id
 * @param root where the volume is mounted
 * @param version major version to make; empty: as {@link Engine#probe} chooses
 * @param source what to fill it from
 * @param runtime runtime of the tools; empty: the host's preferred one
 * @param database that clones' URLs lead to; empty: the URL's, else the largest
 * @param poolFreeBytes free bytes of the pool now, to tell a full pool from other faults
 */
public record LoadRequest(
    String pool,
    String volume,
    Path root,
    String version,
    Source source,
    String runtime,
    String database,
    LongSupplier poolFreeBytes) {}
