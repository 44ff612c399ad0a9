/**
 * The coordinator's records in etcd: typed keys, compare-and-set transactions, one in-memory view
 * of all records fed by one watch, the leader election and the hosts' leases.
 *
 * <p>It is the only user of jetcd, and shows none of its types. Every write is made so that a
 * second or late arrival of the same request changes nothing, because a request that timed out may
 * still be carried out. It must not know what a record means: no lifecycle, placement or API
 * belongs here.
 */
@NullMarked
package dev.ramet.coordinator.store;

import org.jspecify.annotations.NullMarked;
