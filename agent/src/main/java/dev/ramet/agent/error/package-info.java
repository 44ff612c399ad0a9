/**
 * Why an agent could not do what it was asked.
 *
 * <p>One list of reasons for the whole agent, sorted by who must act, and the one exception that
 * carries them. It knows nothing of gRPC: the server maps reasons to statuses at the edge.
 */
@NullMarked
package dev.ramet.agent.error;

import org.jspecify.annotations.NullMarked;
