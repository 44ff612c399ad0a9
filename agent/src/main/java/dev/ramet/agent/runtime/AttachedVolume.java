package dev.ramet.agent.runtime;

import java.nio.file.Path;

/** A volume whose file system is mounted now. */
public record AttachedVolume(String pool, String volume, Path root) {}
