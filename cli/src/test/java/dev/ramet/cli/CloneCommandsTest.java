package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import dev.ramet.proto.v1.CloneSpec;
import dev.ramet.proto.v1.CreateCloneRequest;
import dev.ramet.proto.v1.Lifetime;
import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.ReadCloneLogRequest;
import dev.ramet.proto.v1.Step;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CloneCommandsTest {
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
  void whatIsThereAlreadyIsLeftAndItsDifferencesAreTold() {
    coordinator.createError =
        FakeCoordinator.error(Code.ALREADY_EXISTS, "CLONE_EXISTS", "it has 1d, not 8h");

    CliRun run =
        here.run("clone", "create", "fix-1", "--image", "app", "--ttl", "8h", "--if-absent");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("fix-1");
    assertThat(run.err()).isEqualTo("ramet: left as it is: it has 1d, not 8h\n");

    coordinator.createError =
        FakeCoordinator.error(Code.ABORTED, "BEING_DELETED", "it is being deleted");
    assertThat(here.run("clone", "create", "fix-1", "--image", "app", "--if-absent").status())
        .isEqualTo(ExitCode.CONFLICT.status());
  }

  @Test
  void createPrintsTheReadyCloneAsDocumented() {
    CliRun run = here.run("clone", "create", "fix-2", "--image", "app", "-o", "json");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            {
              "name": "fix-2",
              "uid": "ab12cd34",
              "image": "app",
              "revision": 7,
              "host": "host-a",
              "runtime": "docker",
              "state": "READY",
              "hostLost": false,
              "warm": false,
              "failure": null,
              "endpoint": {
                "host": "127.0.0.1",
                "port": 15001
              },
              "database": "shop",
              "user": "ramet",
              "labels": {
                "team": "web"
              },
              "spec": {
                "image": "app",
                "host": "",
                "runtime": "",
                "engineOptions": {},
                "sizeLimitBytes": 0,
                "memoryLimitBytes": 0,
                "cpuLimitMillis": 0,
                "port": 0,
                "from": ""
              },
              "createTime": "2026-11-01T11:00:00Z",
              "readyTime": "2026-11-01T11:00:00Z",
              "origin": "",
              "reconciling": false,
              "expireTime": null,
              "idleTtlSeconds": 0,
              "lastUsedTime": null,
              "protectedUntil": null,
              "warnings": [],
              "lastReset": null,
              "growth": null,
              "password": "s3cret",
              "url": "postgres://ramet:s3cret@127.0.0.1:15001/shop",
              "timings": {
                "steps": {
                  "clone-volume": 3,
                  "attach": 7,
                  "start": 51
                },
                "total": 74
              },
              "placement": [
                {
                  "host": "host-a",
                  "chosen": true,
                  "score": 0.82,
                  "scores": {
                    "free-space": 0.64,
                    "image": 1.0
                  },
                  "rejection": ""
                },
                {
                  "host": "host-b",
                  "chosen": false,
                  "score": 0.0,
                  "scores": {},
                  "rejection": "it is cordoned"
                }
              ]
            }
            """);
    assertThat(run.err())
        .isEqualTo(
            """
            clone fix-2: clone-volume 3 ms
            clone fix-2: attach 7 ms
            clone fix-2: start 51 ms
            """);
  }

  @Test
  void createSendsEveryOption() {
    here.run(
        "clone",
        "create",
        "fix-2",
        "--image",
        "app:7",
        "--host",
        "host-b",
        "--label",
        "a=b",
        "-l",
        "c=d=e",
        "--engine-option",
        "shared_buffers=64MB",
        "--size-limit",
        "20GiB",
        "--memory",
        "1.5G",
        "--cpus",
        "1.5",
        "--runtime",
        "process",
        "--port",
        "15007");

    assertThat(coordinator.requests.getFirst())
        .isEqualTo(
            CreateCloneRequest.newBuilder()
                .setName("fix-2")
                .putLabels("a", "b")
                .putLabels("c", "d=e")
                .setSpec(
                    CloneSpec.newBuilder()
                        .setImage("app:7")
                        .setHost("host-b")
                        .setRuntime("process")
                        .putEngineOptions("shared_buffers", "64MB")
                        .setSizeLimitBytes(20L << 30)
                        .setMemoryLimitBytes(3L << 29)
                        .setCpuLimitMillis(1500)
                        .setPort(15007))
                .setLifetime(Lifetime.getDefaultInstance())
                .build());
  }

  @Test
  void createWithoutWaitingReturnsAtOnce() {
    CliRun run = here.run("clone", "create", "fix-2", "--image", "app", "--no-wait", "-o", "yaml");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("name: fix-2\n", "state: PENDING\n", "password: \"\"\n");
    assertThat(run.err()).isEmpty();
    assertThat(coordinator.requests).hasSize(1);
  }

  @Test
  void onATerminalOneLineIsRedrawnAndTakenAway() {
    CliRun run = here.onTerminal().run("clone", "create", "fix-2", "--image", "app");

    assertThat(run.err())
        .startsWith("\r\u001b[K")
        .contains("clone fix-2 [2/2] attach")
        .endsWith("\r\u001b[K")
        .doesNotContain("\n");
    assertThat(run.out()).contains("state     READY\n").doesNotContain("\u001b");
  }

  @Test
  void onATerminalTheLineSaysHowManyBytesAreThereAndHowFastTheyCome() {
    Operation running = Examples.operationLife("op-2").getFirst();
    Step.Builder copy =
        running.getSteps(0).toBuilder().setBytesDone(1_288_490_189L).setBytesTotal(3_650_722_202L);
    Operation first =
        running.toBuilder()
            .setSteps(0, copy)
            .addSteps(Step.newBuilder().setName("check").setState(Step.State.WAITING))
            .build();
    Operation second = first.toBuilder().setSteps(0, copy.setBytesDone(2_469_606_195L)).build();
    Operation third =
        first.toBuilder()
            .setSteps(0, copy.setState(Step.State.SUCCEEDED))
            .setSteps(1, Examples.step("check", Step.State.RUNNING, 10))
            .build();
    coordinator.operationStates.clear();
    coordinator.operationStates.addAll(List.of(first, second, third, Examples.operation("op-2")));

    CliRun run = here.onTerminal().run("image", "build", "app", "--from", "/shop.dump");

    assertThat(run.status()).isZero();
    List<String> drawn = List.of(run.err().split("\r\u001b\\[K"));
    assertThat(drawn)
        .anySatisfy(line ->
            assertThat(line)
                .startsWith("building app:7 [1/2] base-backup 1.2 GiB of 3.4 GiB, 614 MiB/s  "))
        .anySatisfy(line ->
            assertThat(line).startsWith("building app:7 [1/2] base-backup 2.3 GiB of 3.4 GiB, "))
        .anySatisfy(line -> assertThat(line).startsWith("building app:7 [2/2] check  "))
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(80).doesNotContain("\n"));
    assertThat(run.err()).as("taken away at the end").endsWith("\r\u001b[K");
    assertThat(run.out()).contains("revision   app:7\n");
  }

  @Test
  void aLineIsNeverWiderThanTheTerminal() {
    CliRun run =
        here.onTerminal().with("COLUMNS", "20").run("clone", "create", "fix-2", "--image", "app");
    assertThat(List.of(run.err().split("\r\u001b\\[K")))
        .anySatisfy(line -> assertThat(line).isEqualTo("clone fix-2 [2/2] a"))
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(20));
  }

  @Test
  void aCloneThatFailsIsToldInOneLineWithItsLog() {
    coordinator.cloneStates.clear();
    coordinator.cloneStates.add(Examples.failed("any"));

    CliRun run = here.run("clone", "create", "fix-2", "--image", "app");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            """
            ramet: the database of clone any ended at once: see its last lines
                LOG:  starting
                FATAL:  could not map memory
            """);
  }

  @Test
  void createGivesUpAfterTheTimeoutAndSaysThatTheServerGoesOn() {
    coordinator.cloneStates.clear();

    CliRun run = here.run("clone", "create", "fix-2", "--image", "app", "--timeout", "300ms");

    assertThat(run.status()).isEqualTo(6);
    assertThat(run.err()).contains("ramet: clone fix-2 is not ready after 300 ms; it goes on");
  }

  @Test
  void badValuesAreRefusedBeforeAnythingIsSent() {
    assertRefused("\"lots\" is no size", "--size-limit", "lots");
    assertRefused("a size of 0 holds nothing", "--memory", "0GiB");
    assertRefused("is no number of CPUs", "--cpus", "-1");
    assertRefused("is no number of CPUs", "--cpus", "0.0");
    assertRefused("is no duration", "--timeout", "soon");
    assertRefused("\"5\" is no duration with a unit", "--ttl", "5");
    assertRefused("\"1\" is no size with a unit", "--growth", "1");
    assertRefused("--host: the value is empty", "--host", "");
    assertRefused("--force is given with --replace", "--force");
    assertRefused("KEY=VALUE", "--label", "novalue");
    assertRefused("Unknown option: '--bogus'", "--bogus");
    assertRefused("--output", "-o", "xml");
    assertThat(coordinator.requests).isEmpty();
  }

  private void assertRefused(String message, String... options) {
    String[] args = new String[options.length + 5];
    System.arraycopy(new String[] {"clone", "create", "fix-2", "--image", "app"}, 0, args, 0, 5);
    System.arraycopy(options, 0, args, 5, options.length);
    CliRun run = here.run(args);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("ramet: ").contains(message).hasLineCount(1);
  }

  @Test
  void theServersWordAboutBadInputIsPassedOn() {
    coordinator.nextError =
        FakeCoordinator.error(
            Code.INVALID_ARGUMENT, "INVALID_NAME", "\"../x\" is no clone name: use a DNS label");

    CliRun run = here.run("clone", "create", "../x", "--image", "app");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("ramet: \"../x\" is no clone name: use a DNS label\n");
  }

  @Test
  void lsShowsATableWithoutPasswords() {
    CliRun run = here.run("clone", "ls");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            NAME   STATE  IMAGE  HOST    RUNTIME  ENDPOINT         AGE  EXPIRES
            fix-1  READY  app:7  host-a  docker   127.0.0.1:15001  60m  -
            """);
    assertThat(here.run("clone", "ls", "-o", "json").out()).doesNotContain("s3cret");
  }

  @Test
  void anEmptyListHasItsHeadingAndAHint() {
    coordinator.clones.clear();

    CliRun run = here.run("clone", "ls");

    assertThat(run.status()).isZero();
    assertThat(run.out()).isEqualTo("NAME  STATE  IMAGE  HOST  RUNTIME  ENDPOINT  AGE  EXPIRES\n");
    assertThat(run.err()).startsWith("no clones: make one with ");
    assertThat(here.run("clone", "ls", "-o", "json")).isEqualTo(new CliRun(0, "[]\n", ""));
    assertThat(here.run("clone", "ls", "-o", "yaml")).isEqualTo(new CliRun(0, "[]\n", ""));
  }

  @Test
  void showTellsEverythingAndWhyShowsTheScores() {
    assertThat(here.run("clone", "show", "fix-1").out())
        .contains("url       postgres://ramet:s3cret@127.0.0.1:15001/shop\n")
        .contains("made in   74 ms (clone-volume 3, attach 7, start 51)\n");
    assertThat(here.run("clone", "show", "fix-1", "--why").out())
        .isEqualTo(
            """
            HOST    SCORE  FREE-SPACE  IMAGE  DECISION
            host-a  0.82   0.64        1.0    chosen
            host-b  -      -           -      it is cordoned
            """);
  }

  @Test
  void whatIsNotThereIsExitCodeThree() {
    assertThat(here.run("clone", "show", "nope"))
        .isEqualTo(new CliRun(3, "", "ramet: there is no clone nope\n"));
    assertThat(here.run("clone", "logs", "nope").status()).isEqualTo(3);
    assertThat(here.run("clone", "psql", "nope").status()).isEqualTo(3);
  }

  @Test
  void rmDeletesAllAndTakesTheMissingAsDone() {
    CliRun run = here.run("clone", "rm", "nope", "fix-1", "fix-1");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            nope   missing
            fix-1  deleted
            """);
    assertThat(run.err()).isEqualTo("ramet: no clone nope: nothing to delete\n");
    assertThat(coordinator.clones).isEmpty();
  }

  @Test
  void rmOfOneThatWasRenamedSaysThatItLives() {
    coordinator.renamed.put("old", "new");

    CliRun run = here.run("clone", "rm", "old");

    assertThat(run.status()).isZero();
    assertThat(run.err())
        .isEqualTo(
            """
            ramet: no clone old: nothing to delete
            ramet: it is called new now, and was not deleted
            """);
  }

  @Test
  void rmGoesOnAfterAFailureAndItsExitCodeIsTheWorst() {
    coordinator.clones.put("fix-2", Examples.clone("fix-2"));
    coordinator.nextError =
        FakeCoordinator.error(Code.FAILED_PRECONDITION, "CLONE_IN_USE", "clone fix-1 is in use");

    CliRun run = here.run("clone", "rm", "fix-1", "fix-2", "-o", "json");

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.err()).isEqualTo("ramet: clone fix-1 is in use\n");
    assertThat(run.out())
        .isEqualTo(
            """
            [
              {
                "name": "fix-1",
                "result": "failed",
                "code": "CLONE_IN_USE"
              },
              {
                "name": "fix-2",
                "result": "deleted",
                "code": null
              }
            ]
            """);
  }

  @Test
  void logsPrintsTheLinesAsTheyAre() {
    CliRun run = here.run("clone", "logs", "fix-1", "-n", "5");

    assertThat(run).isEqualTo(new CliRun(0, "LOG:  ready\nLOG:  done\n", ""));
    assertThat(coordinator.requests.getFirst())
        .isEqualTo(ReadCloneLogRequest.newBuilder().setName("fix-1").setTailLines(5).build());
  }

  @Test
  void whereNoCoordinatorAnswersTheLineSaysWhereItWasSought() {
    coordinator.close();

    CliRun run = here.run("clone", "ls");

    assertThat(run.status()).isEqualTo(5);
    assertThat(run.err())
        .isEqualTo(
            "ramet: no coordinator answers at "
                + coordinator.address()
                + " (Connection refused): is it running? --server, RAMET_SERVER or ramet context ls"
                + " say where it is sought\n");
  }

  @Test
  void renameShowsTheCloneByItsNewName() {
    CliRun run = here.run("clone", "rename", "fix-1", "fix-2");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("fix-2").doesNotContain("fix-1");
    assertThat(coordinator.clones).containsOnlyKeys("fix-2");
    assertThat(here.run("clone", "rename", "fix-1", "fix-2").status()).isEqualTo(3);
    assertThat(here.run("clone", "rename", "fix-2").status()).isEqualTo(2);
  }
}
