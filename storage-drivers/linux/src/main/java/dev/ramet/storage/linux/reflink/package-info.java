/**
 * The {@code reflink} driver: volumes are raw files with ext4 inside, on a file system that can
 * share blocks between files (XFS, btrfs).
 *
 * <p>It owns the pool's layout, its files' attributes and the mounts below the pool. It uses the
 * kernel only through {@link dev.ramet.storage.linux} and must not know who calls it, other
 * drivers, or what a volume is for.
 */
@NullMarked
package dev.ramet.storage.linux.reflink;

import org.jspecify.annotations.NullMarked;
