package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets mutating calls pass only of this host's installation, with a fence that is not stale. Reads
 * need none.
 */
final class FenceInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> FENCE =
      Metadata.Key.of("ramet-fence", Metadata.ASCII_STRING_MARSHALLER);

  static final Metadata.Key<String> INSTALLATION =
      Metadata.Key.of("ramet-installation", Metadata.ASCII_STRING_MARSHALLER);

  private static final String AGENT_SERVICES = "ramet.agent.v1.";
  private static final Pattern READ = Pattern.compile("(Get|List|Observe|Read|Probe|Connect).*");
  private static final Pattern ID = Pattern.compile("[0-9a-f-]{8,64}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  private final Fence fence;
  private final Installation installation;

  FenceInterceptor(Fence fence, Installation installation) {
    this.fence = fence;
    this.installation = installation;
  }

  /** Whether the method changes nothing on the host; health and reflection are such too. */
  static boolean isRead(MethodDescriptor<?, ?> method) {
    return !String.valueOf(method.getServiceName()).startsWith(AGENT_SERVICES)
        || READ.matcher(String.valueOf(method.getBareMethodName())).matches();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!isRead(call.getMethodDescriptor())) {
      try {
        pass(headers.get(FENCE), headers.get(INSTALLATION));
      } catch (AgentException e) {
        StatusRuntimeException status = GrpcErrors.of(e);
        call.close(status.getStatus(), GrpcErrors.trailers(status));
        return new ServerCall.Listener<>() {};
      }
    }
    return next.startCall(call, headers);
  }

  private void pass(@Nullable String text, @Nullable String from) {
    if (text == null || !NUMBER.matcher(text).matches()) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "metadata %s must be the leading coordinator's election revision, a decimal number; it is %s"
              .formatted(FENCE.name(), text == null ? "missing" : "not one"));
    }
    if (from == null || !ID.matcher(from).matches()) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "metadata %s must be the id of the coordinator's installation; it is %s"
              .formatted(INSTALLATION.name(), from == null ? "missing" : "not one"));
    }
    installation.pass(from);
    fence.pass(Long.parseLong(text));
  }
}
