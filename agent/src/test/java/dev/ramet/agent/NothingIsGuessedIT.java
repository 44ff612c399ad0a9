package dev.ramet.agent;

import static dev.ramet.agent.Verbs.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.agent.v1.DeleteInstanceRequest;
import dev.ramet.proto.agent.v1.DeleteInstanceResponse;
import dev.ramet.proto.agent.v1.GetReportRequest;
import dev.ramet.proto.agent.v1.ListInstancesRequest;
import dev.ramet.proto.agent.v1.ListVolumesRequest;
import dev.ramet.proto.agent.v1.ListVolumesResponse;
import dev.ramet.proto.agent.v1.ObserveRequest;
import dev.ramet.proto.agent.v1.Volume;
import dev.ramet.proto.v1.Pool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be read or asked takes nothing else with it, and is not said to be gone. */
@Timeout(120)
class NothingIsGuessedIT {
  @TempDir Path dir;

  @Test
  void theOtherPoolsGoOnAndItsHealthSaysWhy() throws Exception {
    Path other = dir.resolve("host-u/other");
    Map<String, String> twoPools =
        Map.of("pool.other.dir", other.toString(), "pool.other.size", "1GiB");
    try (TestAgent agent = TestAgent.start(dir.resolve("host-u"), twoPools)) {
      Verbs verbs = new Verbs(agent.volumes());
      verbs.create("here", 64L << 20);
      verbs.attach("here");
      assertThat(other(agent).getHealthy()).isTrue();

      Files.move(other.resolve("mnt"), other.resolve("away"));
      ListVolumesResponse listed = list(agent, "");
      assertThat(listed.getVolumesList()).extracting(Volume::getId).containsExactly("here");
      assertThat(listed.getLeftoversList())
          .singleElement()
          .satisfies(left -> {
            assertThat(left.getPool()).isEqualTo("other");
            assertThat(left.getReason()).contains("cannot be listed", "mnt");
          });
      assertThat(other(agent).getProblem()).contains("mnt");
      refused("POOL_UNHEALTHY", () -> list(agent, "other"));
      agent.instances().listInstances(ListInstancesRequest.getDefaultInstance());
      Files.move(other.resolve("away"), other.resolve("mnt"));
      assertThat(list(agent, "").getLeftoversList()).isEmpty();
      assertThat(other(agent).getHealthy()).isTrue();

      Files.move(other.resolve("volumes"), other.resolve("away"));
      ObserveRequest.Builder asked = ObserveRequest.newBuilder().setVolume("x").setInstance("x");
      refused("POOL_UNHEALTHY", () -> agent.host().observe(asked.setPool("other").build()));
      assertThat(agent.host().observe(asked.setPool("main").build()).hasVolume()).isFalse();
      delete(agent, "x");
      Files.move(other.resolve("away"), other.resolve("volumes"));
    }
  }

  @Test
  void aDetachedVolumeIsLookedIntoBeforeItsInstanceIsSaidToBeGone() throws Exception {
    Map<String, String> noDocker =
        Map.of("runtimes", "docker,process", "docker.endpoint", "unix://" + dir.resolve("none"));
    try (TestAgent agent = TestAgent.start(dir.resolve("host-d"), noDocker)) {
      Verbs verbs = new Verbs(agent.volumes());
      for (String runtime : List.of("docker", "process")) {
        verbs.create(runtime, 64L << 20);
        Path root = Path.of(verbs.attach(runtime).getPath());
        Files.createDirectory(root.resolve("ramet"));
        Files.writeString(root.resolve("ramet/instance"), runtime + "\n" + runtime + "\n");
        verbs.detach(runtime);
      }
      verbs.create("empty", 64L << 20);
      refused("RUNTIME_UNAVAILABLE", () -> delete(agent, "docker"));
      delete(agent, "process");
      delete(agent, "empty");
      delete(agent, "missing");
      assertThat(list(agent, "").getVolumesList())
          .hasSize(3)
          .noneMatch(volume -> volume.getAttachment().getAttached());
    }
  }

  private static void delete(TestAgent agent, String id) {
    DeleteInstanceResponse _ =
        agent.instances().deleteInstance(DeleteInstanceRequest.newBuilder().setId(id).build());
  }

  private static ListVolumesResponse list(TestAgent agent, String pool) {
    return agent.volumes().listVolumes(ListVolumesRequest.newBuilder().setPool(pool).build());
  }

  private static Pool other(TestAgent agent) {
    return agent
        .host()
        .getReport(GetReportRequest.getDefaultInstance())
        .getReport()
        .getPoolsList()
        .stream()
        .filter(pool -> pool.getName().equals("other"))
        .findFirst()
        .orElseThrow();
  }
}
