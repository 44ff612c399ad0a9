package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.proto.agent.v1.CreateVolumeRequest;
import dev.ramet.proto.agent.v1.DeleteVolumeRequest;
import dev.ramet.proto.agent.v1.GetReportRequest;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.v1.Pool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool whose disk is away, is another, or is full when the agent starts. */
class PoolIdentityIT {
  private static final long MIB = 1 << 20;

  @TempDir Path dir;

  private Path image() {
    return dir.resolve("pool.img");
  }

  @Test
  void aPoolThatIsAwayIsUnhealthyAndNoEmptyOneIsMadeInItsPlace() throws Exception {
    try (TestAgent agent = TestAgent.start(dir)) {
      create(agent);
    }
    Path elsewhere = dir.resolve("elsewhere.img");
    Files.move(image(), elsewhere);
    TestAgent without = TestAgent.start(dir);
    assertThat(report(without).getProblem()).contains("mount its disk", "state/pool-main");
    assertThatThrownBy(() -> create(without)).hasMessageContaining("mount its disk");
    without.stop();
    assertThat(image()).doesNotExist();
    Files.move(elsewhere, image());
    try (TestAgent agent = TestAgent.start(dir)) {
      assertThat(report(agent).getProblem()).isEmpty();
      assertThat(volumes(agent)).isEqualTo(1);
    }
  }

  @Test
  void anotherHostsPoolIsNotTakenForThisOnes() throws Exception {
    Path own = dir.resolve("own");
    Path other = dir.resolve("other");
    TestAgent.start(own).close();
    TestAgent.start(other).close();
    Files.move(
        other.resolve("pool.img"), own.resolve("pool.img"), StandardCopyOption.REPLACE_EXISTING);
    TestAgent strange = TestAgent.start(own);
    assertThat(report(strange).getProblem()).contains("mount the right disk");
    strange.stop();
    Files.delete(own.resolve("state/pool-main"));
    try (TestAgent agent = TestAgent.start(own)) {
      assertThat(report(agent).getProblem()).isEmpty();
    }
  }

  @Test
  void inAPoolThatIsFullVolumesCanBeDeletedAfterARestart() throws Exception {
    TestAgent agent = TestAgent.start(dir);
    create(agent);
    fill(dir.resolve("pool/filler"));
    agent.stop();
    try (TestAgent restarted = TestAgent.start(dir)) {
      assertThat(volumes(restarted)).isEqualTo(1);
      restarted
          .volumes()
          .deleteVolume(
              DeleteVolumeRequest.newBuilder().setPool(TestAgent.POOL).setId("a").build());
      assertThat(volumes(restarted)).isZero();
    }
  }

  private static void create(TestAgent agent) {
    agent
        .volumes()
        .createVolume(
            CreateVolumeRequest.newBuilder()
                .setPool(TestAgent.POOL)
                .setId("a")
                .setSizeBytes(64 * MIB)
                .build());
  }

  private static int volumes(TestAgent agent) {
    return agent.volumes().listVolumes(ListVolumesRequest.getDefaultInstance()).getVolumesCount();
  }

  private static Pool report(TestAgent agent) {
    return agent.host().getReport(GetReportRequest.getDefaultInstance()).getReport().getPools(0);
  }

  /** To the last block. */
  private static void fill(Path file) throws IOException {
    for (int chunk = 1 << 20; chunk >= 4096; chunk /= 16) {
      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
        out.seek(out.length());
        while (true) {
          out.write(new byte[chunk]);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("No space left");
      }
    }
  }
}
