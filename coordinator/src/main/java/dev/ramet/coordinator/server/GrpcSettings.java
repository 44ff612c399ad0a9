package dev.ramet.coordinator.server;

import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * Where the gRPC API listens.
 *
 * @param host address
 * @param port 0: any free one
 */
@ConfigurationProperties("ramet.grpc")
record GrpcSettings(String host, int port) {}
