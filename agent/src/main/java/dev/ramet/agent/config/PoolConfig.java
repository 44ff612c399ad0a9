package dev.ramet.agent.config;

import java.nio.file.Path;

/**
 * One pool.
 *
 * @param name DNS label
 * @param dir directory of the pool
 * @param driver name of the driver
 * @param sizeBytes size of the pool that the agent makes where the directory's file system does not
 *     suit the driver
 */
public record PoolConfig(String name, Path dir, String driver, long sizeBytes) {}
