package dev.ramet.storage;

/**
 * What a new, empty volume shall be.
 *
 * @param size virtual size; the volume is sparse and takes no room until it is written
 */
public record VolumeSpec(ByteSize size) {}
