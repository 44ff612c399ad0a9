package dev.ramet.coordinator.fleet;

/**
 * What a source is, as an agent sees it.
 *
 * @param engineVersion major version that the image will have
 * @param dataBytes expected size of the data on disk
 * @param description in words, without any password
 */
public record SourceFound(
    String engine, String engineVersion, long dataBytes, String description) {}
