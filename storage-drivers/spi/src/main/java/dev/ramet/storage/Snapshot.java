package dev.ramet.storage;

/**
 * A snapshot as it is.
 *
 * @param id its id
 * @param source the volume it was made from, which may be gone or on another host
 * @param size virtual size
 */
public record Snapshot(SnapshotId id, VolumeId source, ByteSize size) {}
