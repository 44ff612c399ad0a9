package dev.ramet.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a refused call must look like to its caller. */
final class Refusals {
  private Refusals() {}

  static StatusRuntimeException refused(ThrowingCallable call) {
    StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(error).as("it was not refused").isNotNull();
    return error;
  }

  static <T extends Message> T detail(StatusRuntimeException error, Class<T> type) {
    return StatusProto.fromThrowable(error).getDetailsList().stream()
        .filter(any -> any.is(type))
        .map(any -> {
          try {
            return any.unpack(type);
          } catch (InvalidProtocolBufferException broken) {
            throw new AssertionError(broken);
          }
        })
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + error));
  }

  static void assertRefused(StatusRuntimeException error, Status.Code code, String reason) {
    assertThat(error.getStatus().getCode()).as("%s", error).isEqualTo(code);
    assertThat(detail(error, ErrorInfo.class).getReason()).isEqualTo(reason);
    assertThat(detail(error, ErrorInfo.class).getDomain()).isEqualTo("ramet.dev");
    assertThat(error.getStatus().getDescription()).doesNotContain("\n");
  }
}
