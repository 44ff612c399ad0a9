package dev.ramet.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class StatusErrorsTest {
  private final StatusErrors errors = new StatusErrors("127.0.0.1:9440");

  @Test
  void aConnectionThatBreaksWhileACallIsWrittenIsUnavailable() {
    RametException broken =
        errors.from(
            Status.UNKNOWN
                .withDescription("channel closed")
                .withCause(new ClosedChannelException())
                .asRuntimeException());
    assertThat(broken.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(broken.retryable()).isTrue();
    assertThat(broken.getMessage()).contains("127.0.0.1:9440");
  }

  @Test
  void aFaultOfTheCoordinatorIsNoLostConnection() {
    RametException fault =
        errors.from(Status.UNKNOWN.withDescription("a bug").asRuntimeException());
    assertThat(fault.kind()).isNotEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(fault.retryable()).isFalse();
  }
}
