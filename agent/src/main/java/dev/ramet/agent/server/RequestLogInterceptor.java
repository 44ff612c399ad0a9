package dev.ramet.agent.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One log line for each call at its end: method, ids, status, time. Only fields that are known to
 * be ids are taken from a request, so that no secret can get into the log. Reads that succeed are
 * logged for debugging only.
 */
final class RequestLogInterceptor implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger("dev.ramet.agent.calls");
  private static final Set<String> IDS =
      Set.of(
          "pool",
          "id",
          "source",
          "origin",
          "volume",
          "instance",
          "snapshot",
          "engine",
          "runtime",
          "port",
          "from_address",
          "from_pool");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Call<Q, A> logged = new Call<>(call);
    return new SimpleForwardingServerCallListener<>(next.startCall(logged, headers)) {
      @Override
      public void onMessage(Q message) {
        logged.remember(message);
        super.onMessage(message);
      }

      @Override
      public void onCancel() {
        logged.write(Status.CANCELLED.withDescription("the caller left"));
        super.onCancel();
      }
    };
  }

  private static final class Call<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final long begun = System.nanoTime();
    private final Map<String, String> ids = new TreeMap<>();
    private boolean remembered;
    private boolean written;

    Call(ServerCall<Q, A> call) {
      super(call);
    }

    /** Of the first message: a stream's further ones hold no ids, and may be many. */
    synchronized void remember(Object request) {
      if (!remembered && request instanceof Message message) {
        remembered = true;
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
          if (IDS.contains(field.getKey().getName()) && !(field.getValue() instanceof Message)) {
            ids.put(field.getKey().getName(), field.getValue().toString());
          }
        }
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      write(status);
      super.close(status, trailers);
    }

    synchronized void write(Status status) {
      if (written) {
        return;
      }
      written = true;
      LoggingEventBuilder event =
          LOG.atLevel(level(status))
              .addKeyValue("method", getMethodDescriptor().getFullMethodName())
              .addKeyValue("status", status.getCode())
              .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
      for (Map.Entry<String, String> id : ids.entrySet()) {
        event = event.addKeyValue(id.getKey(), id.getValue());
      }
      event.log(status.isOk() ? "call" : String.valueOf(status.getDescription()));
    }

    private Level level(Status status) {
      boolean read = FenceInterceptor.isRead(getMethodDescriptor());
      return switch (status.getCode()) {
        case OK -> read ? Level.DEBUG : Level.INFO;
        case INTERNAL, UNKNOWN, DATA_LOSS -> Level.ERROR;
        case NOT_FOUND, CANCELLED -> read ? Level.DEBUG : Level.INFO;
        default -> Level.WARN;
      };
    }
  }
}
