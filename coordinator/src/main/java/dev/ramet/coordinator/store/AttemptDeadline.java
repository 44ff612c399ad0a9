package dev.ramet.coordinator.store;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Gives each unary call of jetcd a deadline, which jetcd does not: none waits in a queue for ever.
 */
record AttemptDeadline(Duration timeout) implements ClientInterceptor {
  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
    return next.newCall(
        method,
        unary ? options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS) : options);
  }
}
