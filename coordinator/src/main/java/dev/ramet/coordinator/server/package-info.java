/**
 * Puts the coordinator together and runs it: settings, wiring, the gRPC server, health and metrics.
 * The only user of Micronaut and Micrometer; it decides nothing about clones or images.
 */
@NullMarked
package dev.ramet.coordinator.server;

import org.jspecify.annotations.NullMarked;
