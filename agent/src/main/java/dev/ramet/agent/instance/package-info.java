/**
 * The running database servers of this host, whatever their engine and runtime.
 *
 * <p>It owns the order of a start and what is taken back when one fails, and makes start and delete
 * safe to repeat. It must not know any engine's or runtime's mechanics, nor gRPC.
 */
@NullMarked
package dev.ramet.agent.instance;

import org.jspecify.annotations.NullMarked;
