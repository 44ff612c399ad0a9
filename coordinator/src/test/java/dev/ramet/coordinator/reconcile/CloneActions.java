package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import dev.ramet.proto.agent.v1.Activity;
import dev.ramet.proto.agent.v1.ClientConnection;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests of a clone's life say again and again. */
final class CloneActions {
  private CloneActions() {}

  /** The call is refused for this reason. */
  static void refusedWith(ThrowingCallable call, String reason) {
    StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(error).as("it was not refused with %s", reason).isNotNull();
    assertThat(reason(error)).as("%s", error.getMessage()).isEqualTo(reason);
  }

  /** Why a call was refused. */
  static String reason(StatusRuntimeException error) {
    return StatusProto.fromThrowable(error).getDetailsList().stream()
        .filter(any -> any.is(ErrorInfo.class))
        .map(CloneActions::info)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no reason in " + error))
        .getReason();
  }

  private static ErrorInfo info(Any any) {
    try {
      return any.unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** Somebody is connected, and ran something just now. */
  static Activity used(String user, String application) {
    Timestamp now = Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()).build();
    return Activity.newBuilder()
        .addConnections(
            ClientConnection.newBuilder()
                .setClient("127.0.0.1")
                .setUser(user)
                .setApplication(application)
                .setDatabase("app")
                .setState("idle")
                .setSince(now)
                .setLastQueryTime(now))
        .setUse(1)
        .build();
  }
}
