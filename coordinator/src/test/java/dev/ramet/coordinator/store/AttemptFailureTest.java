package dev.ramet.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.AttemptFailure.Executed;
import dev.ramet.coordinator.store.StoreException.Code;
import io.grpc.Status;
import java.net.ConnectException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttemptFailureTest {
  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, etcdserver: request timed out, PERHAPS, UNAVAILABLE",
    "UNAVAILABLE, Network closed for unknown reason, PERHAPS, UNAVAILABLE",
    "DEADLINE_EXCEEDED, deadline exceeded, PERHAPS, UNAVAILABLE",
    "CANCELLED, cancelled, PERHAPS, UNAVAILABLE",
    "RESOURCE_EXHAUSTED, etcdserver: too many requests, NO, UNAVAILABLE",
    "RESOURCE_EXHAUSTED, etcdserver: mvcc: database space exceeded, NO, NO_SPACE",
    "INVALID_ARGUMENT, etcdserver: request is too large, NO, REFUSED",
    "DATA_LOSS, etcdserver: corrupt cluster, PERHAPS, CORRUPT",
  })
  void everyAnswerOfEtcdHasAMeaning(
      Status.Code status, String text, Executed executed, Code verdict) {
    Throwable thrown =
        new ExecutionException(Status.fromCode(status).withDescription(text).asRuntimeException());
    AttemptFailure failure = AttemptFailure.of(thrown);
    assertThat(failure.executed()).isEqualTo(executed);
    assertThat(failure.verdict()).isEqualTo(verdict);
    assertThat(failure.message()).contains(text);
  }

  @Test
  void whatNeverReachedAServerWasNotExecuted() {
    Throwable refused =
        Status.UNAVAILABLE
            .withDescription("io exception")
            .withCause(new ConnectException("Connection refused: /127.0.0.1:1"))
            .asRuntimeException();
    AttemptFailure failure = AttemptFailure.of(new ExecutionException(refused));
    assertThat(failure.executed()).isEqualTo(Executed.NO);
    assertThat(failure.message()).contains("Connection refused");
  }

  @Test
  void silenceMayMeanAnything() {
    assertThat(AttemptFailure.of(new TimeoutException()).executed()).isEqualTo(Executed.PERHAPS);
  }

  @Test
  void aLeaseThatIsGoneIsToldFromOtherFailures() {
    Throwable gone =
        Status.NOT_FOUND
            .withDescription("etcdserver: requested lease not found")
            .asRuntimeException();
    assertThat(AttemptFailure.isLeaseGone(new ExecutionException(gone))).isTrue();
    assertThat(AttemptFailure.isLeaseGone(Status.UNAVAILABLE.asRuntimeException())).isFalse();
  }
}
