package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import dev.ramet.proto.v1.BuildImageRequest;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.UpdateImageRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCommandsTest {
  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();
  private CliRun.Surroundings here;

  @BeforeEach
  void fill() {
    coordinator.addExamples();
    here = new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  @Test
  void buildWaitsAndPrintsTheRevision() {
    CliRun run = here.run("image", "build", "app", "--from", "postgres://u:p@db:5432/shop");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("revision   app:7\n", "state      READY\n", "data       1.5 GiB\n");
    assertThat(run.err()).isEqualTo("building app:7: base-backup 9.5 s, 1 GiB\n");
  }

  @Test
  void buildSendsEveryOptionAndARequestId() {
    here.run(
        "image",
        "build",
        "app",
        "--from",
        "postgres://u:p@db/shop",
        "--engine",
        "postgres:15",
        "--host",
        "host-b",
        "--replicas",
        "2",
        "--database",
        "shop",
        "--description",
        "the shop",
        "-l",
        "a=b",
        "--no-wait");

    BuildImageRequest request = (BuildImageRequest) coordinator.requests.getFirst();
    assertThat(request.getRequestId()).hasSize(36);
    assertThat(request.toBuilder().clearRequestId().build())
        .isEqualTo(
            BuildImageRequest.newBuilder()
                .setName("app")
                .setSource("postgres://u:p@db/shop")
                .setEngine("postgres:15")
                .setHost("host-b")
                .setReplicas(2)
                .setDatabase("shop")
                .setDescription("the shop")
                .putLabels("a", "b")
                .build());
  }

  @Test
  void aFileIsMadeAbsolute() {
    assertThat(sourceOf(here, "dumps/../shop.dump")).isEqualTo(home + "/shop.dump");
    assertThat(sourceOf(here, "/data/shop.dump")).isEqualTo("/data/shop.dump");
  }

  @Test
  void thePasswordNeedNotStandInTheUrl() {
    assertThat(sourceOf(here.with("PGPASSWORD", "p:w/@ ü"), "postgresql://u@db/shop"))
        .isEqualTo("postgresql://u:p%3Aw%2F%40%20%C3%BC@db/shop");
    assertThat(sourceOf(here.with("RAMET_SOURCE_PASSWORD", "first"), "postgres://u@db"))
        .isEqualTo("postgres://u:first@db");
    assertThat(sourceOf(here, "postgres://u:given@db")).isEqualTo("postgres://u:given@db");
    assertThat(sourceOf(here.withInput("postgres://u:typed@db/x\n"), "-"))
        .isEqualTo("postgres://u:typed@db/x");
  }

  @Test
  void anotherKindOfUrlIsRefusedWithoutShowingIt() {
    CliRun run = here.run("image", "build", "app", "--from", "mysql://u:s3cret@db/shop");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("mysql://... is not understood").doesNotContain("s3cret");
    assertThat(here.run("image", "build", "app", "--from", "-").status()).isEqualTo(2);
  }

  private String sourceOf(CliRun.Surroundings surroundings, String from) {
    coordinator.requests.clear();
    assertThat(surroundings.run("image", "build", "app", "--from", from, "--no-wait").status())
        .isZero();
    return ((BuildImageRequest) coordinator.requests.getFirst()).getSource();
  }

  @Test
  void aBuildThatFailsIsToldWithTheToolsLastLines() {
    Operation failed =
        Examples.operation("op-2").toBuilder()
            .setFailure(
                Failure.newBuilder()
                    .setCode("SOURCE_AUTH_FAILED")
                    .setMessage("the source refused user shop: check the password")
                    .addLogTail("FATAL:  password authentication failed"))
            .build();
    coordinator.operationStates.set(1, failed);

    CliRun run = here.run("image", "build", "app", "--from", "postgres://shop:x@db", "-q");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            """
            ramet: the source refused user shop: check the password
                FATAL:  password authentication failed
            """);
  }

  @Test
  void aFileThatIsNotOnTheBuildingHostSaysWhichHostIsMeant() {
    coordinator.nextError =
        FakeCoordinator.error(
            Code.NOT_FOUND, "SOURCE_NOT_FOUND", "there is no file /x.dump on host-a");

    CliRun run = here.run("image", "build", "app", "--from", "/x.dump");

    assertThat(run.err())
        .isEqualTo(
            "ramet: there is no file /x.dump on host-a (FILE is a path on the building host: choose"
                + " it with --host)\n");
  }

  @Test
  void lsAndShowAreTables() {
    assertThat(here.run("image", "ls").out())
        .isEqualTo(
            """
            NAME  LATEST  ENGINE       DATA     HOSTS   REVISIONS  WARM  AGE
            app   7       postgres 15  1.5 GiB  host-a  1          1/2   60m
            """);
    assertThat(here.run("image", "show", "app").out())
        .contains("1 of 2 ready (2 asked for)")
        .endsWith(
            """
            REVISION  STATE  VERSION  DATA     REPLICAS                  AGE  SOURCE
            app:7     READY  15       1.5 GiB  host-a, host-b (COPYING)  60m  postgres://shop@db.example:5432/shop
            """);
    assertThat(here.run("image", "show", "app:7").out()).contains("volume     20 GiB\n");
    assertThat(here.run("image", "show", "app:8").status()).isEqualTo(3);
    assertThat(here.run("image", "show", "app:x").status()).isEqualTo(2);
  }

  @Test
  void showInJsonHasTheRevisionsWithTheirReplicas() {
    assertThat(here.run("image", "show", "app", "-o", "json").out())
        .contains("\"latest\": 7,", "\"revision\": 7,", "\"engineVersion\": \"15\",")
        .contains("\"replicas\": [", "\"state\": \"COPYING\",");
  }

  @Test
  void setSendsOnlyWhatWasSaidAndShowsTheImage() {
    CliRun run =
        here.run(
            "image",
            "set",
            "app",
            "--default-ttl",
            "8h",
            "--max-ttl",
            "1d12h",
            "--max-idle-ttl",
            "none");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("default ttl  8h\n", "max ttl      1d12h\n")
        .doesNotContain("idle", "protect");
    UpdateImageRequest request = (UpdateImageRequest) coordinator.requests.getFirst();
    assertThat(request.getUpdateMask().getPathsList())
        .containsExactly("lifetime.default_ttl", "lifetime.max_ttl", "lifetime.max_idle_ttl");
    assertThat(request.getImage().getLifetime().getDefaultTtl().getSeconds()).isEqualTo(8 * 3600);
    assertThat(request.getImage().getLifetime().getMaxIdleTtl().getSeconds()).isZero();
  }

  @Test
  void setSaysHowManyAreKeptWarm() {
    assertThat(here.run("image", "set", "app", "--warm", "3", "--warm-max", "8").status()).isZero();
    UpdateImageRequest request = (UpdateImageRequest) coordinator.requests.getFirst();
    assertThat(request.getUpdateMask().getPathsList()).containsExactly("warm");
    assertThat(request.getImage().getWarm().getMin()).isEqualTo(3);
    assertThat(request.getImage().getWarm().getMax()).isEqualTo(8);
    assertThat(here.run("image", "set", "app", "--warm-max", "8").err())
        .isEqualTo("ramet: --warm-max is given with --warm\n");
  }

  @Test
  void setWithNothingToSetOrNoLengthIsMisuse() {
    assertThat(here.run("image", "set", "app").err())
        .isEqualTo("ramet: say what is to be changed, as --max-ttl 3d\n");
    assertThat(here.run("image", "set", "app", "--max-ttl", "0s").status()).isEqualTo(2);
    assertThat(here.run("image", "set", "app", "--max-ttl", "long").status()).isEqualTo(2);
    assertThat(here.run("image", "set", "nope", "--max-ttl", "1d").status()).isEqualTo(3);
  }

  @Test
  void rmNamesTheClonesThatStandInItsWay() {
    assertThat(here.run("image", "rm", "app:7", "nope"))
        .isEqualTo(
            new CliRun(
                0,
                "app:7  deleted\nnope   missing\n",
                "ramet: no image nope: nothing to delete\n"));
    coordinator.images.put("app", Examples.image());
    coordinator.deletionError =
        FakeCoordinator.error(
            Code.FAILED_PRECONDITION, "IMAGE_IN_USE", "image app has clones: fix-1, fix-2");

    CliRun run = here.run("image", "rm", "app");

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.err()).isEqualTo("ramet: image app has clones: fix-1, fix-2\n");
    assertThat(run.out()).isEqualTo("app  failed\n");
  }
}
