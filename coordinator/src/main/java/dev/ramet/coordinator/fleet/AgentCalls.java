package dev.ramet.coordinator.fleet;

import dev.ramet.coordinator.store.Leadership;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How one agent is called: with our fence, until it is cancelled; its errors become faults. */
final class AgentCalls {
  private static final Metadata.Key<String> INSTALLATION =
      Metadata.Key.of("ramet-installation", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> FENCE =
      Metadata.Key.of("ramet-fence", Metadata.ASCII_STRING_MARSHALLER);

  private final String address;
  private final Optional<Leadership> leadership;

  AgentCalls(String address, Optional<Leadership> leadership) {
    this.address = address;
    this.leadership = leadership;
  }

  /** With what shows that we lead, where we do. */
  <S extends AbstractStub<S>> S fenced(S stub) {
    if (leadership.isEmpty()) {
      return stub;
    }
    Metadata headers = new Metadata();
    headers.put(FENCE, Long.toString(leadership.get().fence()));
    headers.put(INSTALLATION, leadership.get().installation());
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  <T> T call(String verb, Supplier<T> body) {
    try {
      return body.get();
    } catch (StatusRuntimeException error) {
      throw AgentErrors.translate(address, verb, error);
    }
  }

  /** Each message of an answer, until the end. */
  <T> void stream(
      String verb, Cancellation cancellation, Supplier<Iterator<T>> open, Consumer<T> each) {
    boolean _ =
        cancellable(
            verb,
            cancellation,
            () -> {
              open.get().forEachRemaining(each);
              return true;
            });
  }

  /** As {@link #call}, given up when it is cancelled. */
  <T> T cancellable(String verb, Cancellation cancellation, Supplier<T> body) {
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      cancellation.onCancel(() -> context.cancel(null));
      Context previous = context.attach();
      try {
        return body.get();
      } finally {
        context.detach(previous);
      }
    } catch (StatusRuntimeException error) {
      throw AgentErrors.translate(address, verb, error);
    }
  }

  /** A stream that ended well but without its result. */
  AgentException brokenStream(String verb) {
    return AgentErrors.brokenStream(address, verb);
  }
}
