/**
 * The {@code btrfs} driver: volumes and snapshots are subvolumes, attaching is a bind mount.
 *
 * <p>It owns the pool's layout, the subvolumes' attributes and the mounts below the pool. It uses
 * the kernel only through {@link dev.ramet.storage.linux} and must not know who calls it, other
 * drivers, or what a volume is for.
 */
@NullMarked
package dev.ramet.storage.linux.btrfs;

import org.jspecify.annotations.NullMarked;
