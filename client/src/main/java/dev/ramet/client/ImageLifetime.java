package dev.ramet.client;

import java.time.Duration;

/**
 * How long clones of an image live, within what the server allows. Zero stands for "not said": what
 * the server says holds then.
 *
 * @param defaultTtl of a clone whose creator does not say
 * @param maxTtl the longest that may be asked for
 * @param defaultIdleTtl since the last use
 * @param maxIdleTtl the longest time without use that may be asked for
 * @param maxProtect the longest protection
 */
public record ImageLifetime(
    Duration defaultTtl,
    Duration maxTtl,
    Duration defaultIdleTtl,
    Duration maxIdleTtl,
    Duration maxProtect) {}
