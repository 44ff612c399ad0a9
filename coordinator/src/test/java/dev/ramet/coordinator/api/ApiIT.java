package dev.ramet.coordinator.api;

import static dev.ramet.coordinator.api.Refusals.assertRefused;
import static dev.ramet.coordinator.api.Refusals.detail;
import static dev.ramet.coordinator.api.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.ramet.coordinator.testing.CoordinatorLab;
import dev.ramet.coordinator.testing.EtcdServer;
import dev.ramet.coordinator.testing.FakeAgent;
import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneEvent;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.DeleteCloneRequest;
import dev.ramet.proto.v1.DeleteImageRequest;
import dev.ramet.proto.v1.ExtendCloneRequest;
import dev.ramet.proto.v1.GetCloneRequest;
import dev.ramet.proto.v1.GetHostRequest;
import dev.ramet.proto.v1.Host;
import dev.ramet.proto.v1.HostReport;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.ListClonesRequest;
import dev.ramet.proto.v1.ListClonesResponse;
import dev.ramet.proto.v1.ListImagesRequest;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.ProtectCloneRequest;
import dev.ramet.proto.v1.ReportHostRequest;
import dev.ramet.proto.v1.UpdateCloneRequest;
import dev.ramet.proto.v1.UpdateHostRequest;
import dev.ramet.proto.v1.WatchCloneRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApiIT {
  @RegisterExtension static final EtcdServer etcd = new EtcdServer();

  private static CoordinatorLab lab;
  private static FakeAgent host;

  @BeforeAll
  static void open() throws InterruptedException {
    lab = new CoordinatorLab(etcd);
    host = lab.host("host-a");
    lab.startReconciler();
    lab.buildApp();
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  @AfterEach
  void removeClones() {
    if (lab.find("c").isPresent()) {
      delete("c");
    }
  }

  private static void delete(String name) {
    var unused = lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName(name).build());
    lab.awaitGone(name);
  }

  private static CreateCloneRequest.Builder request(String name) {
    return CreateCloneRequest.newBuilder()
        .setName(name)
        .setSpec(CloneSpec.newBuilder().setImage("app"));
  }

  @Test
  void allFaultsOfARequestAreToldAtOnce() {
    CreateCloneRequest bad =
        CreateCloneRequest.newBuilder()
            .setName("../x")
            .setSpec(
                CloneSpec.newBuilder()
                    .setImage("$(id)")
                    .setPort(80)
                    .setSizeLimitBytes(-1)
                    .setMemoryLimitBytes(1024)
                    .setCpuLimitMillis(1)
                    .putEngineOptions("listen_addresses", "*"))
            .build();
    StatusRuntimeException error = refused(() -> lab.clones().createClone(bad));
    assertRefused(error, Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    assertThat(detail(error, BadRequest.class).getFieldViolationsList())
        .extracting(BadRequest.FieldViolation::getField)
        .containsExactlyInAnyOrder(
            "name",
            "spec.image",
            "spec.port",
            "spec.size_limit_bytes",
            "spec.engine_options",
            "spec.memory_limit_bytes",
            "spec.cpu_limit_millis");
  }

  @Test
  void whatDoesNotExistIsNamedTogetherWithWhatDoes() {
    StatusRuntimeException image =
        refused(() ->
            lab.clones()
                .createClone(
                    request("c").setSpec(CloneSpec.newBuilder().setImage("nope")).build()));
    assertRefused(image, Status.Code.NOT_FOUND, "IMAGE_NOT_FOUND");
    assertThat(image.getStatus().getDescription()).contains("nope").contains("app");
    assertRefused(
        refused(() ->
            lab.clones()
                .createClone(
                    request("c").setSpec(CloneSpec.newBuilder().setImage("app:9")).build())),
        Status.Code.NOT_FOUND,
        "REVISION_NOT_FOUND");
    assertRefused(
        refused(() ->
            lab.clones()
                .createClone(
                    request("c")
                        .setSpec(CloneSpec.newBuilder().setImage("app").setHost("zz"))
                        .build())),
        Status.Code.NOT_FOUND,
        "HOST_NOT_FOUND");
    assertRefused(
        refused(() -> lab.operation("none")), Status.Code.NOT_FOUND, "OPERATION_NOT_FOUND");
    assertRefused(
        refused(() -> lab.clones().getClone(GetCloneRequest.newBuilder().setName("zz").build())),
        Status.Code.NOT_FOUND,
        "CLONE_NOT_FOUND");
  }

  @Test
  void theSameCreateTwiceIsOneClone() {
    Clone first = lab.clones().createClone(request("c").build());
    Clone second = lab.clones().createClone(request("c").build());
    assertThat(second.getUid()).isEqualTo(first.getUid());
    assertRefused(
        refused(() -> lab.clones().createClone(request("c").putLabels("a", "b").build())),
        Status.Code.ALREADY_EXISTS,
        "CLONE_EXISTS");
  }

  @Test
  void aRepeatThatAsksForAnotherLifeIsRefusedAndNamesTheDifference() {
    Lifetime day = Lifetime.newBuilder().setTtl(hours(24)).setProtect(hours(1)).build();
    CreateCloneRequest request =
        request("c").setLifetime(day).setGrowthLimitBytes(1L << 30).build();
    Clone first = lab.clones().createClone(request);
    Lifetime other = Lifetime.newBuilder().setTtl(hours(8)).setIdleTtl(hours(2)).build();
    StatusRuntimeException error =
        refused(() ->
            lab.clones()
                .createClone(
                    request("c").setLifetime(other).setGrowthLimitBytes(1L << 31).build()));
    assertRefused(error, Status.Code.ALREADY_EXISTS, "CLONE_EXISTS");
    assertThat(error.getStatus().getDescription())
        .contains("lifetime.ttl: it has 1d, not 8h", "lifetime.idle_ttl: it has none, not 2h")
        .contains("growth_limit_bytes: it has 1.0 GiB, not 2.0 GiB", "ramet clone extend c");
    assertThat(detail(error, BadRequest.class).getFieldViolationsList()).hasSize(3);

    var unused =
        lab.clones()
            .extendClone(ExtendCloneRequest.newBuilder().setName("c").setTtl(hours(48)).build());
    assertThat(lab.clones().createClone(request).getUid()).isEqualTo(first.getUid());
    assertThat(lab.clones().createClone(request("c").build()).getUid()).isEqualTo(first.getUid());
    unused = lab.clones().protectClone(ProtectCloneRequest.newBuilder().setName("c").build());
  }

  private static com.google.protobuf.Duration hours(long hours) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(hours * 3600).build();
  }

  @Test
  void theSameNameAtTheSameTimeIsOneClone() throws Exception {
    List<Future<Clone>> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        answers.add(callers.submit(() -> lab.clones().createClone(request("c").build())));
      }
    }
    Set<String> uids = new HashSet<>();
    for (Future<Clone> answer : answers) {
      uids.add(answer.get().getUid());
    }
    assertThat(uids).hasSize(1);
    lab.awaitState("c", Clone.State.READY);
    assertThat(host.volumes()).hasSize(1);
    assertThat(lab.ports()).isOne();
  }

  @Test
  void aPortThatIsTakenIsRefusedAtOnce() {
    Clone first = lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    int port = lab.find("c").orElseThrow().getEndpoint().getPort();
    CreateCloneRequest same =
        request("d").setSpec(CloneSpec.newBuilder().setImage("app").setPort(port)).build();
    assertRefused(
        refused(() -> lab.clones().createClone(same)),
        Status.Code.FAILED_PRECONDITION,
        "PORT_TAKEN");
    assertThat(first.getUid()).isNotEmpty();
  }

  @Test
  void aPortThatACloneGaveBackIsFreeAtOnceThoughTheLastReportSawItListen() {
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    int port = lab.find("c").orElseThrow().getEndpoint().getPort();
    int others = port + 1;
    HostReport seen = host.report().toBuilder().addPortsInUse(port).addPortsInUse(others).build();
    var unused =
        lab.hosts()
            .reportHost(
                ReportHostRequest.newBuilder()
                    .setName("host-a")
                    .setAgentAddress(host.address())
                    .setAgentId("agent-host-a")
                    .setReport(seen)
                    .build());
    try {
      CoordinatorLab.eventually(
          "the port of others is in the report, the clone's is not",
          () -> reportOfHost().getPortsInUseList().equals(List.of(others)));
      delete("c");
      lab.clones()
          .createClone(
              request("c").setSpec(CloneSpec.newBuilder().setImage("app").setPort(port)).build());
      lab.awaitState("c", Clone.State.READY);
      CreateCloneRequest taken =
          request("d").setSpec(CloneSpec.newBuilder().setImage("app").setPort(others)).build();
      assertRefused(
          refused(() -> lab.clones().createClone(taken)),
          Status.Code.FAILED_PRECONDITION,
          "PORT_TAKEN");
    } finally {
      lab.report(host);
    }
  }

  private static HostReport reportOfHost() {
    return lab.hosts().getHost(GetHostRequest.newBuilder().setName("host-a").build()).getReport();
  }

  @Test
  void thePasswordIsShownWithTheReadyCloneOnly() {
    assertThat(lab.create("c").getPassword()).isEmpty();
    lab.awaitState("c", Clone.State.READY);
    assertThat(lab.find("c").orElseThrow().getPassword()).matches("[A-Za-z0-9_-]{24}");
  }

  @Test
  void anImageWithClonesIsKeptAndItsClonesAreNamed() {
    lab.create("c");
    StatusRuntimeException error =
        refused(
            () -> lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("app").build()));
    assertRefused(error, Status.Code.FAILED_PRECONDITION, "IMAGE_HAS_CLONES");
    assertThat(detail(error, ErrorInfo.class).getMetadataMap()).containsEntry("clones", "c");
    lab.awaitState("c", Clone.State.READY);
  }

  @Test
  void deletingWhatIsMissingIsOver() {
    Operation operation =
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("nope").build());
    assertThat(operation.getDone()).isTrue();
    assertThat(lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("nope").build()))
        .isEqualTo(Clone.getDefaultInstance());
  }

  @Test
  void aDeleteThatMeansAnotherIncarnationDoesNothing() {
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    Clone answer =
        lab.clones()
            .deleteClone(DeleteCloneRequest.newBuilder().setName("c").setUid("zzzzzzzz").build());
    assertThat(answer).isEqualTo(Clone.getDefaultInstance());
    assertThat(lab.find("c").orElseThrow().getState()).isEqualTo(Clone.State.READY);
  }

  @Test
  void aBuildWhoseSourceCannotBeReadRecordsNothing() {
    BuildImageRequest wrong =
        BuildImageRequest.newBuilder()
            .setName("other")
            .setSource("postgres://u:wrong@127.0.0.1:5432/app")
            .build();
    StatusRuntimeException error = refused(() -> lab.images().buildImage(wrong));
    assertRefused(error, Status.Code.FAILED_PRECONDITION, "SOURCE_AUTH_FAILED");
    assertThat(lab.images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList())
        .extracting(image -> image.getName())
        .containsExactly("app");
  }

  @Test
  void aBuildThatDoesNotFitIsRefusedEarly() {
    host.setFreeBytes(1 << 20);
    lab.report(host);
    try {
      assertRefused(refused(() -> lab.build("app")), Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL");
    } finally {
      host.setFreeBytes(90L << 30);
      lab.report(host);
    }
  }

  @Test
  void theSameBuildRequestTwiceIsOneOperation() {
    BuildImageRequest request =
        BuildImageRequest.newBuilder()
            .setName("twice")
            .setSource("postgres://u:p@127.0.0.1:5432/app")
            .setRequestId("8c5f6e0a-3c55-4f5c-9a0e-2f1f6a9d7b11")
            .build();
    Operation first = lab.images().buildImage(request);
    assertThat(lab.images().buildImage(request).getId()).isEqualTo(first.getId());
    assertRefused(
        refused(() -> lab.images().buildImage(request.toBuilder().setReplicas(1).build())),
        Status.Code.ALREADY_EXISTS,
        "REQUEST_ID_REUSED");
    CoordinatorLab.eventually("over", () -> lab.operation(first.getId()).getDone());
    Operation gone =
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("twice").build());
    CoordinatorLab.eventually("gone", () -> lab.operation(gone.getId()).getDone());
  }

  @Test
  void theSameBuildRequestManyTimesAtOnceIsOneOperation() throws Exception {
    BuildImageRequest request =
        BuildImageRequest.newBuilder()
            .setName("at-once")
            .setSource("postgres://u:p@127.0.0.1:5432/app")
            .setRequestId("0f4c3d52-58a5-4a9d-9d0c-6a8f1f1e2b77")
            .build();
    Set<String> operations = ConcurrentHashMap.newKeySet();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        var unused = callers.submit(() -> operations.add(lab.images().buildImage(request).getId()));
      }
    }
    assertThat(operations).hasSize(1);
    Operation gone =
        lab.images().deleteImage(DeleteImageRequest.newBuilder().setName("at-once").build());
    CoordinatorLab.eventually("gone", () -> lab.operation(gone.getId()).getDone());
  }

  @Test
  void listsComeInPagesAndATokenFitsItsRequestOnly() {
    for (String name : List.of("p1", "p2", "p3")) {
      var unused = lab.clones().createClone(request(name).putLabels("page", "yes").build());
    }
    ListClonesRequest ask =
        ListClonesRequest.newBuilder().setPageSize(2).putLabels("page", "yes").build();
    ListClonesResponse first = lab.clones().listClones(ask);
    assertThat(first.getClonesList()).extracting(Clone::getName).containsExactly("p1", "p2");
    ListClonesResponse second =
        lab.clones().listClones(ask.toBuilder().setPageToken(first.getNextPageToken()).build());
    assertThat(second.getClonesList()).extracting(Clone::getName).containsExactly("p3");
    assertThat(second.getNextPageToken()).isEmpty();
    ListClonesRequest other =
        ListClonesRequest.newBuilder().setPageToken(first.getNextPageToken()).build();
    assertRefused(
        refused(() -> lab.clones().listClones(other)),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT");
    for (String name : List.of("p1", "p2", "p3")) {
      delete(name);
    }
  }

  @Test
  void onlyWhatCanBeUpdatedIsAndOnlyByWhoSawTheNewest() {
    lab.create("c");
    lab.awaitState("c", Clone.State.READY);
    Clone seen = lab.find("c").orElseThrow();
    UpdateCloneRequest labels =
        UpdateCloneRequest.newBuilder()
            .setClone(Clone.newBuilder().setName("c").setEtag(seen.getEtag()).putLabels("k", "v"))
            .setUpdateMask(FieldMask.newBuilder().addPaths("labels"))
            .build();
    assertThat(lab.clones().updateClone(labels).getLabelsMap()).containsEntry("k", "v");
    UpdateCloneRequest stale =
        labels.toBuilder().setClone(labels.getClone().toBuilder().putLabels("k", "w")).build();
    assertRefused(
        refused(() -> lab.clones().updateClone(stale)), Status.Code.ABORTED, "ETAG_MISMATCH");
    UpdateCloneRequest password =
        labels.toBuilder().setUpdateMask(FieldMask.newBuilder().addPaths("password")).build();
    assertRefused(
        refused(() -> lab.clones().updateClone(password)),
        Status.Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT");
  }

  @Test
  void aWatchTellsTheStateThenEveryChangeAndEndsWhenItIsGone() throws Exception {
    lab.create("c");
    Iterator<CloneEvent> events =
        lab.clones().watchClone(WatchCloneRequest.newBuilder().setName("c").build());
    List<CloneEvent> seen = new ArrayList<>();
    while (events.hasNext()) {
      CloneEvent event = events.next();
      seen.add(event);
      if (event.getClone().getState() == Clone.State.READY) {
        try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor()) {
          caller
              .submit(() ->
                  lab.clones().deleteClone(DeleteCloneRequest.newBuilder().setName("c").build()))
              .get();
        }
      }
    }
    assertThat(seen.getLast().getDeleted()).isTrue();
    assertThat(seen).extracting(event -> event.getClone().getState()).contains(Clone.State.READY);
  }

  @Test
  void aWatchOfWhatIsNotThereIsRefused() {
    assertRefused(
        refused(() ->
            lab.clones()
                .watchClone(WatchCloneRequest.newBuilder().setName("zz").build())
                .hasNext()),
        Status.Code.NOT_FOUND,
        "CLONE_NOT_FOUND");
  }

  @Test
  void aSecondAgentUnderALiveNameIsRefused() {
    ReportHostRequest second =
        ReportHostRequest.newBuilder()
            .setName("host-a")
            .setAgentAddress("127.0.0.1:1")
            .setAgentId("somebody-else")
            .setReport(host.report())
            .build();
    assertRefused(
        refused(() -> lab.hosts().reportHost(second)),
        Status.Code.ALREADY_EXISTS,
        "HOST_NAME_HELD");
  }

  @Test
  void aCordonedHostTakesNoClones() {
    cordon(true);
    try {
      StatusRuntimeException error = refused(() -> lab.create("c"));
      assertRefused(error, Status.Code.FAILED_PRECONDITION, "HOST_CORDONED");
      assertThat(detail(error, ErrorInfo.class).getMetadataMap()).containsKey("host-a");
    } finally {
      cordon(false);
    }
    assertThat(
            lab.hosts()
                .getHost(GetHostRequest.newBuilder().setName("host-a").build())
                .getCordoned())
        .isFalse();
  }

  private static void cordon(boolean cordoned) {
    var unused =
        lab.hosts()
            .updateHost(
                UpdateHostRequest.newBuilder()
                    .setHost(Host.newBuilder().setName("host-a").setCordoned(cordoned))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("cordoned"))
                    .build());
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void whileEtcdIsDownCallsAreRefusedSoonAndInClearWords() {
    etcd.kill();
    try {
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> lab.create("late"),
              () -> lab.build("app"),
              () ->
                  lab.clones()
                      .deleteClone(DeleteCloneRequest.newBuilder().setName("zz").build()))) {
        long begin = System.nanoTime();
        StatusRuntimeException error = refused(call);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
        assertRefused(error, Status.Code.UNAVAILABLE, "STORE_UNAVAILABLE");
        assertThat(detail(error, RetryInfo.class).hasRetryDelay()).isTrue();
      }
    } finally {
      etcd.restart();
    }
    CoordinatorLab.eventually(
        "it works again",
        () -> {
          try {
            lab.create("late");
            return true;
          } catch (StatusRuntimeException notYet) {
            return false;
          }
        });
    lab.awaitState("late", Clone.State.READY);
  }
}
