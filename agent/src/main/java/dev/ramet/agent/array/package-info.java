/**
 * This host as a storage array: raw files that share blocks, exported by iSCSI.
 *
 * <p>It owns the target's folder, what is exported to whom, and the target daemon. Volumes and
 * snapshots it leaves to a storage driver, through the storage contract. It must not know gRPC, nor
 * what a volume is for.
 */
@NullMarked
package dev.ramet.agent.array;

import org.jspecify.annotations.NullMarked;
