package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.agent.v1.AttachLunRequest;
import dev.ramet.proto.agent.v1.Attachment;
import dev.ramet.proto.agent.v1.Chap;
import dev.ramet.proto.agent.v1.GetReportRequest;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.Lun;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.SanServiceGrpc;
import dev.ramet.proto.agent.v1.SanServiceGrpc.SanServiceBlockingStub;
import dev.ramet.proto.agent.v1.TargetPortal;
import dev.ramet.proto.agent.v1.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pool of LUNs over gRPC, on a real agent and a real target. */
@Timeout(120)
class SanServiceIT {
  private static final String ID = "c.1";

  @TempDir static Path dir;
  private static TestTarget target;
  private static TestAgent agent;
  private static Verbs verbs;

  @BeforeAll
  static void startAgent() throws Exception {
    target = TestTarget.start(dir);
    agent = TestAgent.start(dir.resolve("host-a"), Map.of("pool.main.driver", "iscsi"));
    verbs = new Verbs(agent.volumes());
  }

  @AfterAll
  static void stopAgent() throws Exception {
    try {
      agent.close();
      assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(dir.toString());
    } finally {
      target.close();
    }
  }

  private static SanServiceBlockingStub san() {
    return TestAgent.fenced(SanServiceGrpc.newBlockingStub(agent.channel()), "1");
  }

  private static AttachLunRequest request(String secret) {
    return AttachLunRequest.newBuilder()
        .setPool(TestAgent.POOL)
        .setId(ID)
        .setLun(
            Lun.newBuilder()
                .setLun(TestTarget.LUN)
                .setWwid(TestTarget.WWID)
                .setChap(Chap.newBuilder().setUser(TestTarget.USER).setSecret(secret))
                .addPortals(
                    TargetPortal.newBuilder().setAddress(target.portal()).setIqn(TestTarget.IQN)))
        .build();
  }

  @Test
  void aLunIsAttachedListedObservedAndDetached() throws Exception {
    Attachment attached = san().attachLun(request(TestTarget.SECRET));
    assertThat(attached.getAttached()).isTrue();
    assertThat(san().attachLun(request(TestTarget.SECRET))).isEqualTo(attached);
    Files.writeString(Path.of(attached.getPath()).resolve("greeting"), "hello");

    ListVolumesResponse all = agent.volumes().listVolumes(ListVolumesRequest.getDefaultInstance());
    assertThat(all.getLeftoversList()).isEmpty();
    assertThat(all.getVolumesList()).singleElement().satisfies(SanServiceIT::isAttached);
    isAttached(
        agent
            .host()
            .observe(ObserveRequest.newBuilder().setPool(TestAgent.POOL).setVolume(ID).build())
            .getVolume());
    refused("IN_USE", () -> verbs.delete(ID));

    verbs.detach(ID);
    assertThat(verbs.list().getVolumesList()).isEmpty();
    verbs.delete(ID);
  }

  private static void isAttached(Volume volume) {
    assertThat(volume.getId()).isEqualTo(ID);
    assertThat(volume.getSizeBytes()).isEqualTo(TestTarget.SIZE);
    assertThat(volume.getAttachment().getAttached()).isTrue();
  }

  @Test
  void aWrongSecretIsADeviceErrorThatDoesNotRepeatIt() {
    assertThat(refused("DEVICE", () -> san().attachLun(request("wrong-secret"))))
        .hasMessageContaining("CHAP")
        .hasMessageNotContaining("wrong-secret");
    assertThat(verbs.list().getLeftoversList()).isEmpty();
  }

  @Test
  void whatTheArrayDoesIsNotImplemented() {
    refused("UNSUPPORTED", () -> verbs.create("v", 64 << 20));
    refused("UNSUPPORTED", () -> verbs.usage("v", ""));
  }

  @Test
  void theReportSaysThatItsVolumesAreLuns() {
    assertThat(
            agent
                .host()
                .getReport(GetReportRequest.getDefaultInstance())
                .getReport()
                .getPoolsList())
        .singleElement()
        .satisfies(pool -> {
          assertThat(pool.getDriver()).isEqualTo("iscsi");
          assertThat(pool.getHealthy()).as(pool.getProblem()).isTrue();
          assertThat(pool.getCapabilitiesList()).contains("LUN");
        });
  }
}
