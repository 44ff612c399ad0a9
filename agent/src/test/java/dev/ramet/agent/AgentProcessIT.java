package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.agent.v1.HostServiceGrpc;
import dev.ramet.proto.agent.v1.InstanceServiceGrpc;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.ObserveResponse;
import dev.ramet.proto.agent.v1.VolumeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process: killed, stopped, started twice, released. */
@Timeout(180)
class AgentProcessIT {
  private static final long SIZE = 256L << 20;
  private static final ObserveRequest BOTH =
      ObserveRequest.newBuilder()
          .setPool("main")
          .setVolume("kept.clone")
          .setSnapshot("kept.1")
          .setInstance("kept.clone")
          .build();

  @TempDir Path dir;
  private Map<String, String> settings;
  private ManagedChannel channel;
  private Verbs verbs;
  private AgentProcess agent;

  @BeforeEach
  void startAgent() throws Exception {
    int port = AgentProcess.freePort();
    settings =
        TestAgent.settings(
            dir.resolve("host-p"),
            Map.of("listen", "127.0.0.1:" + port, "runtimes", "docker,process"));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    verbs = new Verbs(TestAgent.fenced(VolumeServiceGrpc.newBlockingStub(channel), "1"));
    agent = AgentProcess.start(settings, dir.resolve("log"));
  }

  @AfterEach
  void leaveNothing() throws Exception {
    if (!agent.process().isAlive()) {
      restart();
    }
    TestAgent.clear(
        TestAgent.fenced(InstanceServiceGrpc.newBlockingStub(channel), "9"),
        TestAgent.fenced(VolumeServiceGrpc.newBlockingStub(channel), "9"));
    channel.shutdownNow();
    agent.terminate();
    assertThat(release().code()).isZero();
  }

  @Test
  void killedAndStartedAgainItKnowsAllThatTheHostHolds() throws Exception {
    makeSomething();
    ListVolumesResponse listed = verbs.list();
    ObserveResponse observed = observe();
    assertThat(observed.getVolume().getAttachment().getAttached()).isTrue();
    String id = Files.readString(dir.resolve("host-p/state/agent-id"));
    agent.kill();
    assertThat(Path.of(observed.getVolume().getAttachment().getPath(), "hello")).hasContent("x");

    restart();
    assertThat(verbs.list()).isEqualTo(listed);
    assertThat(observe()).isEqualTo(observed);
    assertThat(dir.resolve("host-p/state/agent-id")).hasContent(id.strip());
    Verbs stale = new Verbs(TestAgent.fenced(VolumeServiceGrpc.newBlockingStub(channel), "0"));
    Verbs.refused("STALE_FENCE", () -> stale.detach("kept"));
    Verbs strange =
        new Verbs(
            TestAgent.fenced(VolumeServiceGrpc.newBlockingStub(channel), "99", "00000000-0002"));
    Verbs.refused("OTHER_INSTALLATION", () -> strange.detach("kept"));
    verbs.detach("kept.clone");
    verbs.attach("kept.clone");
  }

  @Test
  void toldToStopItExitsWithZeroAndLeavesVolumesAttached() throws Exception {
    makeSomething();
    Path mount = Path.of(observe().getVolume().getAttachment().getPath());
    AgentProcess.Ended ended = agent.terminate();
    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("stopping");
    assertThat(mount.resolve("hello")).hasContent("x");
  }

  @Test
  void aSecondAgentOnTheSameStateDirectoryEndsWithOneClearLine() throws Exception {
    AgentProcess.Ended ended = AgentProcess.run(settings, dir.resolve("second"));
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.output().lines())
        .singleElement()
        .asString()
        .contains("another agent uses the state directory", "host-p/state");
  }

  @Test
  void aPortThatIsTakenEndsItWithOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> other = new HashMap<>(TestAgent.settings(dir.resolve("other"), Map.of()));
      other.put("listen", "127.0.0.1:" + taken.getLocalPort());
      AgentProcess.Ended ended = AgentProcess.run(other, dir.resolve("taken"));
      assertThat(ended.code()).isEqualTo(1);
      assertThat(ended.output().lines().filter(line -> line.startsWith("ramet-agent:")))
          .singleElement()
          .asString()
          .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort(), "in use");
      assertThat(AgentProcess.run(other, dir.resolve("rel"), "--release").code()).isZero();
    }
  }

  @Test
  void wrongSettingsEndItWithALineForEachFault() throws Exception {
    AgentProcess.Ended ended =
        AgentProcess.run(Map.of("name", "A B", "colour", "red"), dir.resolve("wrong"));
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.output().lines()).hasSize(3).allMatch(line -> line.startsWith("ramet-agent:"));
  }

  @Test
  void poolsAreReleasedOnlyWhenNothingIsAttached() throws Exception {
    makeSomething();
    assertThat(release().output()).contains("another agent uses the state directory");
    agent.terminate();
    AgentProcess.Ended refused = release();
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.output()).contains("attached volumes: kept.clone");
    restart();
    verbs.detach("kept.clone");
    agent.terminate();
    assertThat(release().code()).isZero();
    assertThat(release().code()).isZero();
    assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(dir.toString());
    restart();
    assertThat(observe().hasVolume()).isTrue();
  }

  @Test
  void idleItIsSmallAndQuiet() throws Exception {
    makeSomething();
    long ticks = agent.cpuTicks();
    Thread.sleep(5000);
    long used = agent.cpuTicks() - ticks;
    long mebibytes = agent.residentBytes() >> 20;
    System.out.printf(
        "agent: ready after %d ms, %d MiB resident, %d ms of CPU in 5 s idle%n",
        agent.readyAfter().toMillis(), mebibytes, used * 10);
    assertThat(mebibytes).isLessThan(130);
    assertThat(used).as("ticks of 10 ms in 5 s").isLessThan(25);
  }

  private void makeSomething() throws IOException {
    verbs.create("kept", SIZE);
    verbs.snapshot("kept.1", "kept");
    verbs.clone("kept.clone", "kept.1");
    Files.writeString(Path.of(verbs.attach("kept.clone").getPath(), "hello"), "x");
  }

  private ObserveResponse observe() {
    return HostServiceGrpc.newBlockingStub(channel).withWaitForReady().observe(BOTH);
  }

  private void restart() throws Exception {
    agent = AgentProcess.start(settings, dir.resolve("log"));
    channel.resetConnectBackoff();
    observe();
  }

  private AgentProcess.Ended release() throws Exception {
    return AgentProcess.run(settings, dir.resolve("release"), "--release");
  }
}
