/**
 * Chooses the host, pool, runtime and port of a clone, and the host of a build. Pure: everything it
 * judges by comes as an argument, so the same input always gives the same answer, and the whole
 * table of scores and refusals comes back with it. It does no I/O, reads no clock and knows neither
 * records nor messages.
 */
@NullMarked
package dev.ramet.coordinator.placement;

import org.jspecify.annotations.NullMarked;
