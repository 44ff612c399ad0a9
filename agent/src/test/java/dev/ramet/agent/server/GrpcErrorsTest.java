package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GrpcErrorsTest {

  @ParameterizedTest
  @EnumSource
  void everyStorageErrorHasAStatusAndItsNameAsReason(StorageError error) {
    StatusRuntimeException status = GrpcErrors.of(new StorageException(error, "why"));
    assertThat(status.getStatus().getCode()).isNotIn(Status.Code.OK, Status.Code.UNKNOWN);
    assertThat(status.getStatus().getDescription()).isEqualTo("why");
    assertThat(info(status).getReason()).isEqualTo(error.name());
    assertThat(info(status).getDomain()).isEqualTo("ramet.dev");
  }

  @ParameterizedTest
  @EnumSource
  void everyAgentErrorHasAStatusAndItsNameAsReason(AgentError error) {
    StatusRuntimeException status = GrpcErrors.of(new AgentException(error, "why"));
    assertThat(status.getStatus().getCode()).isNotIn(Status.Code.OK, Status.Code.UNKNOWN);
    assertThat(info(status).getReason()).isEqualTo(error.name());
  }

  @ParameterizedTest
  @EnumSource
  void aStorageErrorHasTheStatusOfTheAgentErrorOfItsName(StorageError error) {
    assertThat(GrpcErrors.code(error)).isEqualTo(GrpcErrors.code(AgentError.valueOf(error.name())));
  }

  @Test
  void theRulesOfTheProtocolHold() {
    assertThat(GrpcErrors.code(AgentError.IN_FLIGHT)).isEqualTo(Status.Code.ABORTED);
    assertThat(GrpcErrors.code(AgentError.STALE_FENCE)).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(GrpcErrors.code(StorageError.HAS_DEPENDANTS))
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(GrpcErrors.code(StorageError.UNSUPPORTED)).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(GrpcErrors.code(StorageError.ALREADY_EXISTS)).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(GrpcErrors.code(AgentError.PEER_UNREACHABLE)).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void onlyWhatMayPassByItselfIsToBeRetried() {
    assertThat(retry(new AgentException(AgentError.PEER_UNREACHABLE, "x"))).isPresent();
    assertThat(retry(new AgentException(AgentError.IN_FLIGHT, "x"))).isPresent();
    assertThat(retry(new AgentException(AgentError.SOURCE_AUTH_FAILED, "x"))).isEmpty();
    assertThat(retry(new StorageException(StorageError.POOL_FULL, "x"))).isEmpty();
  }

  @Test
  void theLogTailIsCutToWhatHeadersCarryAndKeepsItsEnd() {
    List<String> log = Collections.nCopies(500, "FATAL: something long and boring");
    AgentException died =
        new AgentException(AgentError.INSTANCE_DIED, "it died", log, Map.of("port", "15000"), null);
    Map<String, String> metadata = info(GrpcErrors.of(died)).getMetadataMap();
    assertThat(metadata).containsEntry("port", "15000");
    assertThat(metadata.get("log_tail")).hasSize(3000).endsWith("long and boring");
  }

  @Test
  void whatIsNotAsciiCostsMoreAndIsCutBetweenCharacters() {
    String text = "nicht m\u00f6glich \u65e5\u672c \ud83d\ude00 ".repeat(1000);
    AgentException died = new AgentException(AgentError.INSTANCE_DIED, text, List.of(text));
    StatusRuntimeException status = GrpcErrors.of(died);
    String tail = info(status).getMetadataMap().get("log_tail");
    assertThat(text).endsWith(tail);
    assertThat(tail.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(2990, 3000);
    String message = String.valueOf(status.getStatus().getDescription());
    assertThat(message).endsWith(" ...").doesNotContain("?");
    assertThat(text).startsWith(message.substring(0, message.length() - 4));
    long onTheWire =
        message.codePoints().mapToLong(c -> c < 0x80 ? 1 : 3L * utf8(c)).sum()
            + StatusProto.fromThrowable(status).getSerializedSize() * 4L / 3;
    assertThat(onTheWire).isLessThan(8000);
  }

  private static int utf8(int character) {
    return Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void allFaultsOfARequestAreFieldViolations() {
    StatusRuntimeException status =
        GrpcErrors.of(new InvalidRequestException(Map.of("id", "must be set")));
    assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getStatus().getDescription()).isEqualTo("id: must be set");
    BadRequest faults = detail(status, BadRequest.class).orElseThrow();
    assertThat(faults.getFieldViolationsList())
        .extracting(fault -> fault.getField() + " " + fault.getDescription())
        .containsExactly("id must be set");
  }

  @Test
  void whatNobodyForesawShowsNothingOfItself() {
    StatusRuntimeException status = GrpcErrors.of(new IllegalStateException("password=hunter2"));
    assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getStatus().getDescription()).doesNotContain("hunter2");
    assertThat(info(status).getReason()).isEqualTo("INTERNAL");
  }

  @Test
  void aCallThatTheAgentsEndCutShortLooksLikeABrokenConnection() {
    StatusRuntimeException status = GrpcErrors.of(new InterruptedException());
    assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(detail(status, ErrorInfo.class)).isEmpty();
  }

  private static Optional<RetryInfo> retry(RuntimeException failure) {
    return detail(GrpcErrors.of(failure), RetryInfo.class);
  }

  private static ErrorInfo info(StatusRuntimeException status) {
    return detail(status, ErrorInfo.class).orElseThrow();
  }

  static <T extends Message> Optional<T> detail(StatusRuntimeException status, Class<T> type) {
    com.google.rpc.Status details = StatusProto.fromThrowable(status);
    if (details == null) {
      return Optional.empty();
    }
    return details.getDetailsList().stream()
        .filter(any -> any.is(type))
        .findFirst()
        .map(any -> unpack(any, type));
  }

  private static <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
