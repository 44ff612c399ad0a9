package dev.ramet.coordinator.api;

import static dev.ramet.coordinator.api.Refusals.assertRefused;
import static dev.ramet.coordinator.api.Refusals.detail;
import static dev.ramet.coordinator.api.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.BadRequest;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneServiceGrpc;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.HostServiceGrpc;
import dev.ramet.proto.v1.ImageServiceGrpc;
import dev.ramet.proto.v1.OperationServiceGrpc;
import dev.ramet.proto.v1.ReportHostRequest;
import dev.ramet.proto.v1.UpdateCloneRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a newer client asks for and this coordinator does not know is refused by every call. */
@Timeout(60)
class UnknownFieldsIT {
  private static final UnknownFieldSet STRANGE =
      UnknownFieldSet.newBuilder()
          .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static CoordinatorLab lab;
  private static FakeAgent host;

  @BeforeAll
  static void open() throws InterruptedException {
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  /** Every call of the public API; an agent's report is no wish. */
  static Stream<MethodDescriptor<?, ?>> calls() {
    return Stream.of(
            CloneServiceGrpc.getServiceDescriptor(),
            ImageServiceGrpc.getServiceDescriptor(),
            HostServiceGrpc.getServiceDescriptor(),
            OperationServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .filter(method -> method != HostServiceGrpc.getReportHostMethod());
  }

  @ParameterizedTest
  @MethodSource("calls")
  @SuppressWarnings("unchecked") // a method's marshaller makes what the method takes
  <Q, A> void everyCallRefusesAFieldThatIsNotKnown(MethodDescriptor<Q, A> method) {
    Message empty =
        (Message) ((PrototypeMarshaller<Q>) method.getRequestMarshaller()).getMessagePrototype();
    Q strange = (Q) empty.newBuilderForType().setUnknownFields(STRANGE).build();
    StatusRuntimeException error =
        refused(() -> {
          Iterator<A> answers =
              ClientCalls.blockingServerStreamingCall(
                  lab.channel(), method, CallOptions.DEFAULT, strange);
          answers.forEachRemaining(answer -> {});
        });
    assertRefused(error, Status.Code.INVALID_ARGUMENT, "UNKNOWN_FIELD");
    assertThat(detail(error, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("#999");
  }

  @Test
  void aFieldWithinAnotherIsNamedByItsPath() {
    CreateCloneRequest create =
        CreateCloneRequest.newBuilder()
            .setName("c")
            .setSpec(CloneSpec.newBuilder().setImage("app").setUnknownFields(STRANGE))
            .build();
    StatusRuntimeException error = refused(() -> lab.clones().createClone(create));
    assertRefused(error, Status.Code.INVALID_ARGUMENT, "UNKNOWN_FIELD");
    assertThat(error.getStatus().getDescription()).contains("spec.#999");
    UpdateCloneRequest update =
        UpdateCloneRequest.newBuilder()
            .setClone(Clone.newBuilder().setSpec(create.getSpec()))
            .build();
    assertThat(refused(() -> lab.clones().updateClone(update)).getStatus().getDescription())
        .contains("clone.spec.#999");
  }

  @Test
  void aNewerAgentMayReportMore() {
    ReportHostRequest report =
        ReportHostRequest.newBuilder()
            .setName("host-a")
            .setAgentAddress(host.address())
            .setAgentId("agent-host-a")
            .setReport(host.report().toBuilder().setUnknownFields(STRANGE))
            .setUnknownFields(STRANGE)
            .build();
    assertThat(lab.hosts().reportHost(report).hasHeartbeatInterval()).isTrue();
  }
}
