/**
 * What proves that a storage driver keeps the contract: a JUnit suite to extend, a driver in memory
 * that passes it, and one with defects that the suite must find.
 *
 * <p>It owns the words of the contract as tests. It must not know any real driver, pool or device.
 */
@NullMarked
package dev.ramet.storage.testkit;

import org.jspecify.annotations.NullMarked;
