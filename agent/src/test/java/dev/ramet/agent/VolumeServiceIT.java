package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import dev.ramet.proto.agent.v1.AttachLunRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.CloneVolumeRequest;
import dev.ramet.proto.agent.v1.GetReportRequest;
import dev.ramet.proto.agent.v1.GetReportResponse;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.proto.agent.v1.SanServiceGrpc;
import dev.ramet.proto.agent.v1.TargetPortal;
import dev.ramet.proto.agent.v1.Usage;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every storage verb over gRPC, on a real agent with a real pool. */
@Timeout(120)
class VolumeServiceIT {
  private static final long SIZE = 256L << 20;

  @TempDir static Path dir;
  private static TestAgent agent;
  private static Verbs verbs;

  @BeforeAll
  static void startAgent() throws Exception {
    agent = TestAgent.start(dir.resolve("host-a"));
    verbs = new Verbs(agent.volumes());
  }

  @AfterAll
  static void stopAgent() throws Exception {
    agent.close();
  }

  @Test
  void aCloneHasTheContentOfItsImageAndAllVerbsCanBeRepeated() throws IOException {
    Volume made = verbs.create("life", SIZE);
    assertThat(verbs.create("life", SIZE)).isEqualTo(made);
    Attachment attached = verbs.attach("life");
    assertThat(verbs.attach("life")).isEqualTo(attached);
    Files.writeString(Path.of(attached.getPath(), "hello"), "image");
    verbs.detach("life");
    verbs.detach("life");
    assertThat(verbs.snapshot("life-s", "life")).isEqualTo(verbs.snapshot("life-s", "life"));
    verbs.delete("life");
    verbs.delete("life");

    Volume clone = verbs.clone("life-c", "life-s");
    assertThat(verbs.clone("life-c", "life-s")).isEqualTo(clone);
    assertThat(clone.getOrigin()).isEqualTo("life-s");
    Path mount = Path.of(verbs.attach("life-c").getPath());
    assertThat(mount.resolve("hello")).hasContent("image");
    Files.writeString(mount.resolve("hello"), "clone");
    verbs.detach("life-c");
    Usage usage = verbs.usage("life-c", "");
    assertThat(usage.getOwnBytes()).isPositive();
    assertThat(usage.getSharedBytes()).isPositive();
    Usage kept = verbs.usage("", "life-s");
    assertThat(kept.getSharedBytes()).isEqualTo(usage.getSharedBytes());
    assertThat(kept.getOwnBytes()).as("what the clone wrote anew").isPositive();

    verbs.delete("life-c");
    verbs.deleteSnapshot("life-s");
    verbs.deleteSnapshot("life-s");
    ObserveResponse gone =
        agent
            .host()
            .observe(
                ObserveRequest.newBuilder()
                    .setPool("main")
                    .setVolume("life-c")
                    .setSnapshot("life-s")
                    .setInstance("life-c")
                    .build());
    assertThat(gone).isEqualTo(ObserveResponse.getDefaultInstance());
  }

  @Test
  void observeAndListTellWhatIs() {
    Volume made = verbs.create("seen", SIZE);
    verbs.snapshot("seen-s", "seen");
    Attachment attached = verbs.attach("seen");
    ObserveResponse observed =
        agent
            .host()
            .observe(
                ObserveRequest.newBuilder()
                    .setPool("main")
                    .setVolume("seen")
                    .setSnapshot("seen-s")
                    .build());
    assertThat(observed.getVolume()).isEqualTo(made.toBuilder().setAttachment(attached).build());
    assertThat(observed.getSnapshot().getSource()).isEqualTo("seen");
    ListVolumesResponse all = agent.volumes().listVolumes(ListVolumesRequest.getDefaultInstance());
    assertThat(all).isEqualTo(verbs.list());
    assertThat(all.getVolumesList()).contains(observed.getVolume());
    assertThat(all.getSnapshotsList()).contains(observed.getSnapshot());
    assertThat(all.getLeftoversList()).isEmpty();
  }

  @Test
  void refusalsCarryTheirReason() {
    verbs.create("r", SIZE);
    assertThat(refused("ALREADY_EXISTS", () -> verbs.create("r", 2 * SIZE)).getStatus().getCode())
        .isEqualTo(Status.Code.ALREADY_EXISTS);
    verbs.attach("r");
    refused("IN_USE", () -> verbs.snapshot("r-s", "r"));
    refused("IN_USE", () -> verbs.delete("r"));
    verbs.detach("r");
    verbs.snapshot("r-s", "r");
    refused("OUT_OF_RANGE", () -> verbs.clone("r-c", "r-s", 2 * SIZE));
    refused("NOT_FOUND", () -> verbs.clone("r-c", "nothing"));
    refused("NOT_FOUND", () -> verbs.attach("nothing"));
    refused("NOT_FOUND", () -> verbs.read("nothing"));
    refused("NOT_FOUND", () -> verbs.usage("nothing", ""));
    refused("NOT_FOUND", () -> verbs.usage("", "nothing"));
    refused("INVALID_ARGUMENT", () -> verbs.usage("r", "r-s"));
    refused("INVALID_ARGUMENT", () -> verbs.usage("", ""));
    refused(
        "POOL_UNHEALTHY",
        () ->
            agent
                .volumes()
                .cloneVolume(
                    CloneVolumeRequest.newBuilder()
                        .setPool("other")
                        .setId("x")
                        .setOrigin("y")
                        .build()));
  }

  @Test
  void allFaultsOfARequestAreNamedAtOnce() throws Exception {
    StatusRuntimeException refusal =
        refused(
            "INVALID_ARGUMENT",
            () ->
                agent
                    .volumes()
                    .cloneVolume(
                        CloneVolumeRequest.newBuilder()
                            .setId("../../etc/passwd")
                            .setOrigin("$(reboot)")
                            .setLimitBytes(-1)
                            .build()));
    BadRequest faults = StatusProto.fromThrowable(refusal).getDetails(1).unpack(BadRequest.class);
    assertThat(faults.getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactly("pool", "id", "origin", "limit_bytes");
  }

  @Test
  void manyClonesOfOneSnapshotAreMadeAtOnce() throws Exception {
    verbs.create("many", SIZE);
    verbs.snapshot("many-s", "many");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Attachment>> made = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String id = "many-" + i;
        made.add(
            callers.submit(() -> {
              verbs.clone(id, "many-s");
              return verbs.attach(id);
            }));
      }
      for (Future<Attachment> clone : made) {
        assertThat(clone.get().getAttached()).isTrue();
      }
      for (int i = 0; i < 20; i++) {
        verbs.detach("many-" + i);
        verbs.delete("many-" + i);
      }
    }
  }

  @Test
  void theSameCallTwiceAtOnceMakesOneThing() throws Exception {
    verbs.create("twice", SIZE);
    verbs.snapshot("twice-s", "twice");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Volume>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(callers.submit(() -> cloneUntilNotInFlight("twice-c")));
      }
      for (Future<Volume> call : calls) {
        assertThat(call.get()).isEqualTo(calls.getFirst().get());
      }
    }
    assertThat(verbs.list().getVolumesList())
        .filteredOn(volume -> volume.getId().equals("twice-c"))
        .hasSize(1);
  }

  @Test
  void aMutatingCallNeedsAFenceThatIsNotStale() throws Exception {
    try (TestAgent fenced = TestAgent.start(dir.resolve("fenced"))) {
      VolumeServiceGrpc.VolumeServiceBlockingStub none =
          VolumeServiceGrpc.newBlockingStub(fenced.channel());
      refused("INVALID_ARGUMENT", () -> new Verbs(none).detach("x"));
      refused("INVALID_ARGUMENT", () -> new Verbs(TestAgent.fenced(none, "x")).detach("x"));
      refused("INVALID_ARGUMENT", () -> new Verbs(TestAgent.fenced(none, "-1")).detach("x"));
      new Verbs(TestAgent.fenced(none, "0")).detach("x");
      none.listVolumes(ListVolumesRequest.getDefaultInstance());
      // the greatest is 0 again at the end of this test: its clean-up comes with 1
      new Verbs(TestAgent.fenced(none, "1")).detach("x");
      StatusRuntimeException stale =
          refused("STALE_FENCE", () -> new Verbs(TestAgent.fenced(none, "0")).detach("x"));
      assertThat(stale.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }
  }

  @Test
  void aPoolOnADiskAttachesNoLuns() {
    SanServiceGrpc.SanServiceBlockingStub san =
        TestAgent.fenced(SanServiceGrpc.newBlockingStub(agent.channel()), "1");
    AttachLunRequest request =
        AttachLunRequest.newBuilder()
            .setPool("main")
            .setId("c.1")
            .setLun(
                Lun.newBuilder()
                    .setLun(1)
                    .setWwid("naa.6000000000000001")
                    .addPortals(
                        TargetPortal.newBuilder()
                            .setAddress("127.0.0.1:3260")
                            .setIqn("iqn.2026-11.dev.ramet:c.1")))
            .build();
    StatusRuntimeException refusal = refused("UNSUPPORTED", () -> san.attachLun(request));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(refusal.getStatus().getDescription()).contains("iscsi");
    AttachLunRequest nowhere = request.toBuilder().clearLun().build();
    StatusRuntimeException malformed = refused("INVALID_ARGUMENT", () -> san.attachLun(nowhere));
    assertThat(malformed.getStatus().getDescription()).contains("lun", "portal");
  }

  @Test
  void theReportTellsOfThePoolAndTheHost() {
    GetReportResponse response = agent.host().getReport(GetReportRequest.getDefaultInstance());
    assertThat(response.getName()).isEqualTo("host-a");
    assertThat(response.getReport().getBootId()).isNotEmpty();
    assertThat(response.getReport().getMemoryTotalBytes()).isPositive();
    assertThat(response.getReport().getPoolsList())
        .singleElement()
        .satisfies(pool -> {
          assertThat(pool.getName()).isEqualTo("main");
          assertThat(pool.getDriver()).isEqualTo("reflink");
          assertThat(pool.getHealthy()).as(pool.getProblem()).isTrue();
          assertThat(pool.getCapabilitiesList()).contains("BLOCK_DEVICE", "TRANSFER");
          assertThat(pool.getFreeBytes()).isPositive();
        });
  }

  @Test
  void theHealthServiceSaysServing() {
    assertThat(
            HealthGrpc.newBlockingStub(agent.channel())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  @Test
  void reflectionListsAllServices() throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(agent.channel())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(answer.get(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .contains(
            "ramet.agent.v1.VolumeService",
            "ramet.agent.v1.SanService",
            "ramet.agent.v1.InstanceService",
            "ramet.agent.v1.EngineService",
            "ramet.agent.v1.HostService",
            "grpc.health.v1.Health");
    questions.onCompleted();
  }

  private static Volume cloneUntilNotInFlight(String id) throws InterruptedException {
    while (true) {
      try {
        return verbs.clone(id, "twice-s");
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        Thread.sleep(5);
      }
    }
  }
}
