/**
 * The command line: commands, their options, how waiting looks and what the exit code says.
 *
 * <p>It owns what the user types and sees. It knows the server only through {@code
 * dev.ramet.client}; of gRPC, protobuf and the coordinator's inside it must know nothing.
 */
@NullMarked
package dev.ramet.cli;

import org.jspecify.annotations.NullMarked;
