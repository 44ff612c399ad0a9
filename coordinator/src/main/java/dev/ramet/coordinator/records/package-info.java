/**
 * What stored records mean: which state of the lifecycle a record is in, which ids it stands for on
 * hosts, what placement sees of a host. Reads and makes record messages, and writes none of them:
 * no I/O here.
 */
@NullMarked
package dev.ramet.coordinator.records;

import org.jspecify.annotations.NullMarked;
