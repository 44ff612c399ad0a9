package dev.ramet.storage;

/**
 * What a volume takes in its pool.
 *
 * @param own bytes that deleting the volume would free
 * @param shared bytes that its origin or other volumes hold too
 */
public record Usage(ByteSize own, ByteSize shared) {}
