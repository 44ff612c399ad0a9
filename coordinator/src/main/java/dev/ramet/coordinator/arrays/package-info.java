/**
 * Storage arrays as the coordinator speaks to them.
 *
 * <p>It owns which driver a record means, and the only copies of an array's secrets. It sees
 * drivers only through the contract of arrays, found by {@link java.util.ServiceLoader}, and must
 * not know any vendor, nor what a volume is for.
 */
@NullMarked
package dev.ramet.coordinator.arrays;

import org.jspecify.annotations.NullMarked;
