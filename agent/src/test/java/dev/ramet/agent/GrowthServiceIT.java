package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.agent.v1.ReadGrowthRequest;
import dev.ramet.proto.agent.v1.ReadGrowthResponse.Growth;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How much a volume has grown, over gRPC, on a real agent with a real pool and loop devices. */
@Timeout(120)
class GrowthServiceIT {
  private static final int MIB = 1 << 20;
  private static final long SIZE = 512L << 20;

  @TempDir static Path dir;
  private static TestAgent agent;
  private static Verbs verbs;

  @BeforeAll
  static void startAgent() throws Exception {
    agent = TestAgent.start(dir.resolve("host-g"));
    verbs = new Verbs(agent.volumes());
    verbs.create("golden", SIZE);
    verbs.attach("golden");
    verbs.detach("golden");
    verbs.snapshot("golden-s", "golden");
  }

  @AfterAll
  static void stopAgent() throws Exception {
    agent.close();
  }

  private static List<Growth> growths(String volume, long limit) {
    return agent
        .volumes()
        .readGrowth(
            ReadGrowthRequest.newBuilder()
                .addVolumes(
                    ReadGrowthRequest.Volume.newBuilder()
                        .setPool(TestAgent.POOL)
                        .setId(volume)
                        .setLimitBytes(limit))
                .build())
        .getVolumesList();
  }

  private static Growth growth(String volume, long limit) {
    return growths(volume, limit).getFirst();
  }

  /** Always to the same blocks. */
  private static void write(Path mount, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random().nextBytes(content);
    try (FileChannel file =
        FileChannel.open(
            mount.resolve("data"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(content));
      file.force(true);
    }
  }

  /** The bound only gets larger, until it could matter: then somebody looks. */
  @Test
  void whatWasWrittenBoundsTheGrowthAndNearTheLimitItIsExact() throws IOException {
    verbs.clone("c", "golden-s");
    assertThat(growths("c", MIB)).as("not attached").isEmpty();
    Path mount = Path.of(verbs.attach("c").getPath());
    Growth fresh = growth("c", 100 * MIB);
    assertThat(fresh.getExact()).isTrue();
    assertThat(fresh.getBytes()).isLessThan(4 * MIB);
    for (int round = 1; round <= 4; round++) {
      write(mount, 4 * MIB);
      Growth bound = growth("c", 100 * MIB);
      assertThat(bound.getExact()).as("far from the limit nobody looks").isFalse();
      assertThat(bound.getBytes()).isGreaterThanOrEqualTo(round * 4L * MIB);
    }
    Growth near = growth("c", 12 * MIB);
    assertThat(near.getExact()).isTrue();
    assertThat(near.getBytes())
        .as("the same blocks again and again are no growth")
        .isBetween(4L * MIB, 9L * MIB);
    verbs.detach("c");
    assertThat(growths("c", MIB)).isEmpty();
    verbs.attach("c");
    assertThat(growth("c", 100 * MIB).getExact()).as("first thing after an attachment").isTrue();
    verbs.detach("c");
  }

  /** The next exact reading tells that the last was forgotten. */
  @Test
  void whatNobodyWatchesAnyMoreIsForgotten() throws IOException {
    verbs.clone("left", "golden-s");
    Path mount = Path.of(verbs.attach("left").getPath());
    Growth _ = growth("left", 100 * MIB);
    write(mount, 4 * MIB);
    assertThat(growth("left", 100 * MIB).getExact()).isFalse();
    assertThat(growths("another", 100 * MIB)).isEmpty();
    assertThat(growth("left", 100 * MIB).getExact()).isTrue();
    verbs.detach("left");
  }

  @Test
  void aVolumeThatIsNotThereIsLeftOut() {
    assertThat(growths("nothing", MIB)).isEmpty();
  }
}
