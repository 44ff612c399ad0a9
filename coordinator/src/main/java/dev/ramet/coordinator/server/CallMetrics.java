package dev.ramet.coordinator.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** Counts and times the calls, by method and status. */
final class CallMetrics implements ServerInterceptor {
  private final MeterRegistry meters;

  CallMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Timer.Sample sample = Timer.start(meters);
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            sample.stop(
                Timer.builder("ramet.grpc.calls")
                    .tag("method", call.getMethodDescriptor().getFullMethodName())
                    .tag("status", status.getCode().name())
                    .register(meters));
            super.close(status, trailers);
          }
        },
        headers);
  }
}
