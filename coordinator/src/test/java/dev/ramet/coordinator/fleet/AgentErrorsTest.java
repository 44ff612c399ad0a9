package dev.ramet.coordinator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.ramet.coordinator.fleet.AgentException.Verdict;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentErrorsTest {
  private static AgentException translated(StatusRuntimeException error) {
    return AgentErrors.translate("h:7401", "AttachVolume", error);
  }

  private static StatusRuntimeException withReason(Status.Code code, String reason) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage("words of the agent")
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain("ramet.dev")
                        .putMetadata("port", "15001")
                        .build()))
            .build());
  }

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, TRANSIENT, AGENT_UNREACHABLE,"
        + " the agent at h:7401 does not answer (AttachVolume): is it running?",
    "DEADLINE_EXCEEDED, TRANSIENT, AGENT_TIMEOUT, the agent at h:7401 took too long over"
        + " AttachVolume",
    "ABORTED, TRANSIENT, CONCURRENT_CHANGE, words",
    "CANCELLED, CANCELLED, CANCELLED, given up",
    "INTERNAL, DEFINITE, INTERNAL, AttachVolume: words"
  })
  void whatHasNoReasonIsToldByItsCode(
      Status.Code code, Verdict verdict, String reason, String message) {
    AgentException told = translated(code.toStatus().withDescription("words").asRuntimeException());
    assertThat(told.verdict()).isEqualTo(verdict);
    assertThat(told.fault().code()).isEqualTo(reason);
    assertThat(told.fault().message()).isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED_PRECONDITION, IN_USE, DEFINITE",
    "ABORTED, IN_FLIGHT, TRANSIENT",
    "UNAVAILABLE, PEER_UNREACHABLE, TRANSIENT"
  })
  void anAgentsReasonIsKept(Status.Code code, String reason, Verdict verdict) {
    AgentException told = translated(withReason(code, reason));
    assertThat(told.verdict()).isEqualTo(verdict);
    assertThat(told.fault().code()).isEqualTo(reason);
    assertThat(told.fault().message()).isEqualTo("words of the agent");
    assertThat(told.fault().metadata()).containsEntry("port", "15001");
  }

  @Test
  void aStaleFenceMeansThatAnotherLeads() {
    AgentException told = translated(withReason(Status.Code.FAILED_PRECONDITION, "STALE_FENCE"));
    assertThat(told.verdict()).isEqualTo(Verdict.DEPOSED);
    assertThat(told.fault().code()).isEqualTo("NO_LEADER");
    assertThat(told.fault().message())
        .isEqualTo("the agent at h:7401 has seen a later leader (words of the agent)");
  }
}
