/**
 * The kernel as the storage drivers of one host need it: system calls, loop devices, the mount
 * table, formatting.
 *
 * <p>It owns the binding ({@link dev.ramet.storage.linux.Kernel}, with JNA behind it) and what
 * every driver on a block device or directory shares. It must not know any driver, pool layout or
 * id.
 */
@NullMarked
package dev.ramet.storage.linux;

import org.jspecify.annotations.NullMarked;
