package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.ramet.proto.v1.ListSavesRequest;
import dev.ramet.proto.v1.Save;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaveCommandsTest {
  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();
  private CliRun.Surroundings here;

  @BeforeEach
  void start() {
    here = new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  private static Save.Builder save(String name, String parent) {
    return Save.newBuilder()
        .setName(name)
        .setClone("fix")
        .setUid("ab12cd34")
        .setParent(parent)
        .setHost("host-a")
        .setCreateTime(Timestamp.newBuilder().setSeconds(1_793_530_800L));
  }

  /** One that is known to free nothing, one of which that is not known. */
  private void threeSaves() {
    coordinator.saves.add(
        save("first", "app:7")
            .setOwnBytes(12L << 20)
            .setMessage("before the migration")
            .addBranches("try-2")
            .build());
    coordinator.saves.add(save("deeper", "fix@first").setOwnBytes(0).build());
    coordinator.saves.add(save("second", "app:7").build());
  }

  @Test
  void theLogIsATreeWithSizes() {
    threeSaves();
    CliRun run = here.run("clone", "log", "fix");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            SAVE          SIZE    AGE  BRANCHES  MESSAGE
            app:7
            ├─ first      12 MiB  60m  try-2     before the migration
            │  └─ deeper  0 B     60m  -         -
            └─ second     -       60m  -         -
            """);
    assertThat(coordinator.requests)
        .containsExactly(ListSavesRequest.newBuilder().setClone("fix").setSizes(true).build());
  }

  @Test
  void theListHasSizesToo() {
    threeSaves();
    assertThat(here.run("clone", "saves", "ls").out())
        .isEqualTo(
            """
            SAVE        PARENT     BRANCHES  HOST    SIZE    AGE  MESSAGE
            fix@first   app:7      try-2     host-a  12 MiB  60m  before the migration
            fix@deeper  fix@first  -         host-a  0 B     60m  -
            fix@second  app:7      -         host-a  -       60m  -
            """);
  }

  @Test
  void inJsonASizeThatIsNotKnownIsNull() {
    threeSaves();
    assertThat(here.run("clone", "log", "fix", "-o", "json").out())
        .containsSubsequence("\"ownBytes\": 12582912", "\"ownBytes\": 0", "\"ownBytes\": null");
  }

  @Test
  void aSaveThatIsNotThereIsMissingAsACloneIs() {
    threeSaves();
    CliRun run = here.run("clone", "saves", "rm", "fix@second", "fix@secnd");
    assertThat(run.status()).isZero();
    assertThat(run.out().lines().map(line -> line.split(" +")[1]))
        .containsExactly("deleted", "missing");
    assertThat(run.err()).isEqualTo("ramet: no save fix@secnd: nothing to delete\n");
  }

  @Test
  void aCloneWithoutSavesIsToldHowToKeepOne() {
    CliRun run = here.run("clone", "log", "fix");
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("ramet clone save fix SAVE");
  }
}
