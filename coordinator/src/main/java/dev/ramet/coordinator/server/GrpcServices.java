package dev.ramet.coordinator.server;

import io.grpc.BindableService;
import java.util.List;

/** What the gRPC server serves, beside health and reflection. */
record GrpcServices(List<BindableService> all) {}
