package dev.ramet.storage.linux;

/**
 * A run of a file's blocks ({@code struct fiemap_extent}, {@code include/uapi/linux/fiemap.h}).
 *
 * @param logical offset in the file, bytes
 * @param physical offset on the device, bytes: two files that share a block have it at the same one
 * @param length bytes
 * @param shared held by another file too ({@code FIEMAP_EXTENT_SHARED})
 * @param unwritten allocated, but reads as zeros ({@code FIEMAP_EXTENT_UNWRITTEN})
 * @param last none follows ({@code FIEMAP_EXTENT_LAST})
 */
public record Extent(
    long logical, long physical, long length, boolean shared, boolean unwritten, boolean last) {}
