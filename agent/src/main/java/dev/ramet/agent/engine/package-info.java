/**
 * What a kind of database must be able to do for Ramet: look at a source, load it, run as an
 * instance.
 *
 * <p>It owns the contract of engines and the values that go in and out, and the registry of the
 * engines that this agent has. It must not know gRPC, storage drivers, or how a runtime works.
 */
@NullMarked
package dev.ramet.agent.engine;

import org.jspecify.annotations.NullMarked;
