package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.postgres.SourcePostgres;
import dev.ramet.proto.agent.v1.CancelLoadRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.EngineServiceGrpc;
import dev.ramet.proto.agent.v1.GetInstanceRequest;
import dev.ramet.proto.agent.v1.GetReportRequest;
import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceLogLines;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.LoadProgress;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.proto.agent.v1.ProbeSourceRequest;
import dev.ramet.proto.agent.v1.ReadLogRequest;
import dev.ramet.proto.agent.v1.Source;
import dev.ramet.proto.agent.v1.SourceReport;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a running PostgreSQL to a clone that answers, over gRPC and through a kill of the agent. The
 * tests follow one image through its life, in order: loading one is what costs.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InstanceServiceIT {
  private static final long SIZE = 1L << 30;
  private static final String SECRET = "clone-pässword";

  @TempDir static Path dir;
  private static Map<String, String> settings;
  private static SourcePostgres source;
  private static AgentProcess agent;
  private static ManagedChannel channel;
  private static Verbs verbs;

  @BeforeAll
  static void startSourceAndAgent() throws Exception {
    // the database user has to get at its volumes
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    source = SourcePostgres.start(dir.resolve("source"));
    source.sql("postgres", "CREATE DATABASE shop");
    source.sql("shop", "CREATE TABLE item(name text)", "INSERT INTO item VALUES ('lamp')");
    int port = AgentProcess.freePort();
    settings = TestAgent.settings(dir.resolve("host-i"), Map.of("listen", "127.0.0.1:" + port));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    verbs = new Verbs(TestAgent.fenced(VolumeServiceGrpc.newBlockingStub(channel), "1"));
    agent = AgentProcess.start(settings, dir.resolve("log"));
  }

  @AfterAll
  static void leaveNothing() throws Exception {
    TestAgent.clear(instances(), verbs.volumes());
    channel.shutdownNow();
    AgentProcess.Ended ended = agent.terminate();
    source.close();
    assertThat(AgentProcess.run(settings, dir.resolve("rel"), "--release").code()).isZero();
    assertThat(ended.output()).doesNotContain(SECRET, "s3cr");
  }

  @Test
  @Order(1)
  void aSourceIsLookedAt() {
    SourceReport report =
        engines()
            .probeSource(
                ProbeSourceRequest.newBuilder()
                    .setEngine("postgres")
                    .setSource(Source.newBuilder().setLocation(source.url("shop")))
                    .build());
    assertThat(report.getForm()).isEqualTo(SourceReport.Form.SERVER);
    assertThat(report.getEngineVersion()).isEqualTo("15");
    assertThat(report.getDescription()).doesNotContain("s3cr");
    refused(
        "SOURCE_AUTH_FAILED",
        () ->
            engines()
                .probeSource(
                    ProbeSourceRequest.newBuilder()
                        .setEngine("postgres")
                        .setSource(
                            Source.newBuilder()
                                .setLocation(
                                    "postgres://postgres:wrong@127.0.0.1:%d/shop"
                                        .formatted(source.port())))
                        .build()));
    refused(
        "ENGINE_UNKNOWN",
        () ->
            engines()
                .probeSource(
                    ProbeSourceRequest.newBuilder()
                        .setEngine("oracle")
                        .setSource(Source.newBuilder().setLocation("/x"))
                        .build()));
  }

  @Test
  @Order(2)
  void aLoadCanBeJoinedAndItsResultIsToldAgain() {
    verbs.create("img.build", SIZE);
    refused("NOT_FOUND", () -> load("img.build"));
    verbs.attach("img.build");
    Iterator<LoadProgress> first = engines().loadSource(request("img.build", "shop"));
    assertThat(first.next().getStep()).isNotEmpty();
    refused("IN_FLIGHT", () -> verbs.detach("img.build"));
    refused(
        "ALREADY_EXISTS",
        () -> engines().loadSource(request("img.build", "postgres")).forEachRemaining(_ -> {}));
    LoadProgress joined = load("img.build");
    List<LoadProgress> told = new ArrayList<>();
    first.forEachRemaining(told::add);
    assertThat(joined.getResult().getDatabase()).isEqualTo("shop");
    assertThat(told.getLast().getResult()).isEqualTo(joined.getResult());
    assertThat(load("img.build").getResult()).isEqualTo(joined.getResult());
  }

  @Test
  @Order(3)
  void aLoadThatIsCancelledIsGoneWhenTheCallReturns() {
    verbs.create("cancel.build", SIZE);
    verbs.attach("cancel.build");
    Iterator<LoadProgress> watched = engines().loadSource(request("cancel.build", "shop"));
    watched.next();
    CancelLoadRequest cancel =
        CancelLoadRequest.newBuilder().setPool("main").setVolume("cancel.build").build();
    engines().cancelLoad(cancel);
    engines().cancelLoad(cancel);
    verbs.detach("cancel.build");
    verbs.delete("cancel.build");
    StatusRuntimeException told =
        catchThrowableOfType(StatusRuntimeException.class, () -> watched.forEachRemaining(_ -> {}));
    assertThat(told.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  @Order(4)
  void aCloneAnswersAndItsStartCanBeRepeated() throws Exception {
    verbs.detach("img.build");
    verbs.snapshot("img.1", "img.build");
    verbs.delete("img.build");
    verbs.clone("c.1", "img.1");
    verbs.attach("c.1");
    StartInstanceRequest start = start("c.1", SourcePostgres.freePort());
    Instance started = instances().startInstance(start);
    assertThat(started.getState()).isEqualTo(Instance.State.RUNNING);
    assertThat(started.getStepsList()).isNotEmpty();
    assertThat(ask(started, "SELECT name FROM item")).isEqualTo("lamp");
    assertThat(instances().startInstance(start).getHandle()).isEqualTo(started.getHandle());
    refused("IN_USE", () -> verbs.detach("c.1"));
    refused(
        "ALREADY_EXISTS", () -> instances().startInstance(start("c.1", SourcePostgres.freePort())));
    assertThat(
            HostServiceGrpc.newBlockingStub(channel)
                .getReport(GetReportRequest.getDefaultInstance())
                .getReport()
                .getRuntimesList())
        .containsExactly("process");
  }

  @Test
  @Order(5)
  void theLogIsReadAndFollowedUntilTheCallerLeaves() {
    Iterator<InstanceLogLines> lines =
        instances()
            .readLog(
                ReadLogRequest.newBuilder().setId("c.1").setTailLines(100).setFollow(true).build());
    assertThat(lines.next().getLinesList()).isNotEmpty();
    refused(
        "NOT_FOUND",
        () -> instances().readLog(ReadLogRequest.newBuilder().setId("no").build()).next());
  }

  @Test
  @Order(6)
  void anAgentThatWasKilledFindsTheInstanceAgain() throws Exception {
    ObserveRequest both =
        ObserveRequest.newBuilder()
            .setPool("main")
            .setVolume("c.1")
            .setInstance("c.1")
            .setSnapshot("img.1")
            .build();
    ObserveResponse before = HostServiceGrpc.newBlockingStub(channel).observe(both);
    assertThat(before.getInstance().getState()).isEqualTo(Instance.State.RUNNING);
    agent.kill();
    assertThat(ask(before.getInstance(), "SELECT count(*) FROM item")).isEqualTo("1");
    agent = AgentProcess.start(settings, dir.resolve("log"));
    channel.resetConnectBackoff();
    assertThat(HostServiceGrpc.newBlockingStub(channel).withWaitForReady().observe(both))
        .isEqualTo(before);
    assertThat(instances().listInstances(ListInstancesRequest.getDefaultInstance()))
        .satisfies(all -> assertThat(all.getInstancesList()).containsExactly(before.getInstance()));
  }

  @Test
  @Order(7)
  void deletedTwiceItIsGoneAndItsVolumeCanGo() {
    DeleteInstanceRequest delete = DeleteInstanceRequest.newBuilder().setId("c.1").build();
    instances().deleteInstance(delete);
    instances().deleteInstance(delete);
    StatusRuntimeException gone =
        refused(
            "NOT_FOUND",
            () -> instances().getInstance(GetInstanceRequest.newBuilder().setId("c.1").build()));
    assertThat(gone.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    verbs.detach("c.1");
    verbs.delete("c.1");
    verbs.deleteSnapshot("img.1");
    assertThat(verbs.list().getVolumesList()).isEmpty();
    assertThat(verbs.list().getLeftoversList()).isEmpty();
  }

  private static LoadProgress load(String volume) {
    List<LoadProgress> told = new ArrayList<>();
    engines().loadSource(request(volume, "shop")).forEachRemaining(told::add);
    return told.getLast();
  }

  private static LoadSourceRequest request(String volume, String database) {
    return LoadSourceRequest.newBuilder()
        .setPool("main")
        .setVolume(volume)
        .setEngine("postgres")
        .setEngineVersion("15")
        .setSource(Source.newBuilder().setLocation(source.url(database)))
        .setDatabase(database)
        .build();
  }

  private static StartInstanceRequest start(String id, int port) {
    return StartInstanceRequest.newBuilder()
        .setId(id)
        .setEngine("postgres")
        .setEngineVersion("15")
        .setPool("main")
        .setVolume(id)
        .setAddress("127.0.0.1")
        .setPort(port)
        .setUser("ramet")
        .setPassword(SECRET)
        .build();
  }

  private static String ask(Instance instance, String sql) throws Exception {
    return SourcePostgres.query(instance.getPort(), "ramet", SECRET, "shop", sql);
  }

  private static EngineServiceGrpc.EngineServiceBlockingStub engines() {
    return TestAgent.fenced(EngineServiceGrpc.newBlockingStub(channel), "1");
  }

  private static InstanceServiceGrpc.InstanceServiceBlockingStub instances() {
    return TestAgent.fenced(InstanceServiceGrpc.newBlockingStub(channel), "1");
  }
}
