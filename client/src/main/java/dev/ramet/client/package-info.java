/**
 * The Java SDK of Ramet: what the command line and other programs use to ask a coordinator for
 * clones.
 *
 * <p>It owns the connection, retries, waiting by watch streams and the client's own value types. It
 * must know nothing of the coordinator's inside, and its users must not need to know gRPC or
 * protobuf: neither appears in a public signature.
 */
@NullMarked
package dev.ramet.client;

import org.jspecify.annotations.NullMarked;
