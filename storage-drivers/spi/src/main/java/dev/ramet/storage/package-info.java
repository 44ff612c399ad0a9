/**
 * What a copy-on-write storage driver does, and the values that go in and out.
 *
 * <p>It owns the contract between Ramet and any way of doing block-level copy-on-write on a host,
 * and depends on nothing but the JDK. It must not know any pool's mechanics: no path layout, device
 * name or tool of a driver belongs here.
 */
@NullMarked
package dev.ramet.storage;

import org.jspecify.annotations.NullMarked;
