package dev.ramet.storage;

/**
 * What a volume or a snapshot takes in its pool.
 *
 * @param own bytes that deleting it would free
 * @param shared bytes that its origin or others hold too
 */
public record Usage(ByteSize own, ByteSize shared) {}
