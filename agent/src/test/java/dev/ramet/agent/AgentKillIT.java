package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.engine.postgres.SourcePostgres;
import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.EngineServiceGrpc;
import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.Instance;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.LoadSourceRequest;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.Source;
import dev.ramet.proto.agent.v1.StartInstanceRequest;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent killed at random instants of a clone's life and of a load, then asked again. */
@Timeout(420)
class AgentKillIT {
  private static final int ROUNDS = 8;
  private static final long SIZE = 1L << 30;

  @TempDir Path dir;
  private Map<String, String> settings;
  private SourcePostgres source;
  private AgentProcess agent;
  private ManagedChannel channel;
  private Verbs verbs;

  @BeforeEach
  void startSourceAndAgent() throws Exception {
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    source = SourcePostgres.start(dir.resolve("source"));
    int port = AgentProcess.freePort();
    settings = TestAgent.settings(dir.resolve("host-k"), Map.of("listen", "127.0.0.1:" + port));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    verbs =
        new Verbs(
            TestAgent.fenced(VolumeServiceGrpc.newBlockingStub(channel), "1").withWaitForReady());
    agent = AgentProcess.start(settings, dir.resolve("log"));
  }

  @AfterEach
  void leaveNothing() throws Exception {
    TestAgent.clear(instances(), verbs.volumes());
    channel.shutdownNow();
    agent.terminate();
    source.close();
    assertThat(AgentProcess.run(settings, dir.resolve("rel"), "--release").code()).isZero();
  }

  @Test
  void afterAnyKillTheSameCallsLeadToTheSameEndAndNothingIsLeft() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    killAndRepeat(random, 3000, () -> build("img.build"));
    verbs.detach("img.build");
    verbs.snapshot("img.1", "img.build");
    verbs.delete("img.build");
    for (int round = 0; round < ROUNDS; round++) {
      String id = "c" + round + ".x";
      int port = SourcePostgres.freePort();
      killAndRepeat(random, 600, () -> create(id, port));
      assertThat(SourcePostgres.query(port, "ramet", "secret", "postgres", "SELECT 1"))
          .isEqualTo("1");
      killAndRepeat(random, 300, () -> remove(id));
    }
    verbs.deleteSnapshot("img.1");
    assertNothingIsLeft();
  }

  private interface Work {
    void run();
  }

  /** Kills the agent while the work is under way, starts it again, and does the work again. */
  private void killAndRepeat(Random random, int withinMillis, Work work) throws Exception {
    Thread first = Thread.ofVirtual().unstarted(() -> untilCut(work));
    first.start();
    TimeUnit.MILLISECONDS.sleep(random.nextInt(withinMillis));
    agent.kill();
    agent = AgentProcess.start(settings, dir.resolve("log"));
    channel.resetConnectBackoff();
    first.join();
    work.run();
    work.run();
  }

  private static void untilCut(Work work) {
    try {
      work.run();
    } catch (StatusRuntimeException e) {
      System.out.println("cut: " + e.getStatus());
    }
  }

  private void build(String volume) {
    verbs.create(volume, SIZE);
    verbs.attach(volume);
    TestAgent.fenced(EngineServiceGrpc.newBlockingStub(channel), "1")
        .withWaitForReady()
        .loadSource(
            LoadSourceRequest.newBuilder()
                .setPool("main")
                .setVolume(volume)
                .setEngine("postgres")
                .setEngineVersion("15")
                .setSource(Source.newBuilder().setLocation(source.url("postgres")))
                .build())
        .forEachRemaining(_ -> {});
  }

  private void create(String id, int port) {
    verbs.clone(id, "img.1");
    verbs.attach(id);
    Instance started =
        instances()
            .startInstance(
                StartInstanceRequest.newBuilder()
                    .setId(id)
                    .setEngine("postgres")
                    .setEngineVersion("15")
                    .setPool("main")
                    .setVolume(id)
                    .setAddress("127.0.0.1")
                    .setPort(port)
                    .setUser("ramet")
                    .setPassword("secret")
                    .build());
    assertThat(started.getState()).isEqualTo(Instance.State.RUNNING);
    assertThat(
            HostServiceGrpc.newBlockingStub(channel)
                .observe(
                    ObserveRequest.newBuilder()
                        .setPool("main")
                        .setVolume(id)
                        .setInstance(id)
                        .build())
                .hasInstance())
        .isTrue();
  }

  private void remove(String id) {
    instances().deleteInstance(DeleteInstanceRequest.newBuilder().setId(id).build());
    verbs.detach(id);
    verbs.delete(id);
  }

  private void assertNothingIsLeft() throws IOException {
    ListVolumesResponse left = verbs.list();
    assertThat(left).isEqualTo(ListVolumesResponse.getDefaultInstance());
    assertThat(instances().listInstances(ListInstancesRequest.getDefaultInstance()))
        .satisfies(all -> assertThat(all.getInstancesList()).isEmpty());
    Path pool = dir.resolve("host-k/pool");
    List<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .filter(line -> line.contains(pool + "/"))
            .toList();
    assertThat(mounts).isEmpty();
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      assertThat(devices.map(AgentKillIT::backingFile).filter(file -> file.contains(pool + "/")))
          .isEmpty();
    }
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      assertThat(processes.map(AgentKillIT::workingDirectory))
          .noneMatch(directory -> directory.contains(pool + "/"));
    }
  }

  private static String backingFile(Path device) {
    try {
      return Files.readString(device.resolve("loop/backing_file"));
    } catch (IOException e) {
      return "";
    }
  }

  private static String workingDirectory(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private InstanceServiceGrpc.InstanceServiceBlockingStub instances() {
    return TestAgent.fenced(InstanceServiceGrpc.newBlockingStub(channel), "1").withWaitForReady();
  }
}
