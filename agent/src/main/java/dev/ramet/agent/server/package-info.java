/**
 * The agent's gRPC: services, and what holds for each call, whichever service it goes to.
 *
 * <p>It owns the check of requests, the fence, the lock per id, jobs that several calls may join,
 * and the translation of errors and values between the wire and the rest of the agent. Generated
 * types stay here. It must not know how volumes, instances or engines are made.
 */
@NullMarked
package dev.ramet.agent.server;

import org.jspecify.annotations.NullMarked;
