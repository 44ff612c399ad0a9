package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import dev.ramet.proto.v1.Failure;
import dev.ramet.proto.v1.ListOperationsRequest;
import dev.ramet.proto.v1.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts, operations, contexts, completion, and what holds for all commands. */
class OtherCommandsTest {
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
  void hostsAreListedAndShown() {
    assertThat(here.run("host", "ls").out())
        .isEqualTo(
            """
            NAME    STATE  CLONES  RUNTIMES  POOLS          FREE SPACE  FREE MEMORY  AGENT
            host-a  alive  3       process   main(reflink)  30 GiB      20 GiB       127.0.0.1:9445
            """);
    assertThat(here.run("host", "show", "host-a").out())
        .contains("not docker    no engine answers at /var/run/docker.sock\n");
    assertThat(here.run("host", "show", "nope").status()).isEqualTo(3);
  }

  @Test
  void aHostIsCordonedAndUncordoned() {
    assertThat(here.run("host", "cordon", "host-a").out()).contains("alive,cordoned");
    assertThat(coordinator.hosts.get("host-a").getCordoned()).isTrue();
    assertThat(here.run("host", "uncordon", "host-a", "-o", "json").out())
        .contains("\"cordoned\": false");
    assertThat(here.run("host", "cordon", "nope").status()).isEqualTo(3);
  }

  @Test
  void aLostHostIsRemovedAndWhatItHoldsOnlyByForce() {
    coordinator.deletionError =
        FakeCoordinator.error(
            Code.FAILED_PRECONDITION,
            "HOST_IN_USE",
            "host host-a holds clones (fix-123): start its agent again, or give them up with"
                + " --force");
    CliRun refused = here.run("host", "rm", "host-a");
    assertThat(refused.status()).isEqualTo(7);
    assertThat(refused.err()).contains("fix-123");
    assertThat(coordinator.hosts).containsKey("host-a");
    assertThat(here.run("host", "rm", "host-a", "--force").out()).isEqualTo("host-a  deleted\n");
    assertThat(coordinator.hosts).doesNotContainKey("host-a");
    CliRun again = here.run("host", "rm", "host-a");
    assertThat(again.status()).isZero();
    assertThat(again.err()).contains("no host host-a: nothing to delete");
  }

  @Test
  void operationsAreListedShownAndWatched() {
    assertThat(here.run("operation", "ls").out())
        .isEqualTo(
            """
            ID    KIND         TARGET  STATE      STEP  TOOK  AGE
            op-1  BUILD_IMAGE  app:7   SUCCEEDED  -     12 s  60m
            """);
    assertThat(here.run("operation", "show", "op-1").out())
        .endsWith(
            """
            STEP         STATE      TIME   BYTES
            base-backup  SUCCEEDED  9.5 s  1 GiB
            """);
    assertThat(here.run("operation", "show", "op-1", "-o", "yaml").out())
        .contains("id: op-1\n", "state: SUCCEEDED\n", "bytesDone: 1073741824\n");
    assertThat(here.run("operation", "show", "nope").status()).isEqualTo(3);
  }

  @Test
  void anOperationIsWatchedToItsEnd() {
    coordinator.operations.put("op-2", coordinator.operationStates.getFirst());
    CliRun watched = here.run("operation", "watch", "op-2", "-o", "json");
    assertThat(watched.status()).isZero();
    assertThat(watched.out()).contains("\"state\": \"SUCCEEDED\"");
    assertThat(watched.err()).isEqualTo("building app:7: base-backup 9.5 s, 1 GiB\n");
    assertThat(here.run("operation", "watch", "op-1").out())
        .as("one that is over already")
        .contains("SUCCEEDED");
    assertThat(here.run("operation", "watch", "nope").status()).isEqualTo(3);
  }

  @Test
  void anOperationThatFailsWhileItIsWatchedIsExitCodeOne() {
    Operation running = coordinator.operationStates.getFirst();
    coordinator.operations.put("op-2", running);
    coordinator.operationStates.set(
        1,
        running.toBuilder()
            .setDone(true)
            .setFailure(
                Failure.newBuilder()
                    .setCode("POOL_FULL")
                    .setMessage("pool main of host-a is full: free some space")
                    .addLogTail("ERROR:  could not extend file"))
            .build());
    assertThat(here.run("operation", "watch", "op-2"))
        .isEqualTo(
            new CliRun(
                1,
                "",
                """
                ramet: pool main of host-a is full: free some space
                    ERROR:  could not extend file
                """));
  }

  @Test
  void asManyOperationsAreListedAsAskedFor() {
    assertThat(here.run("operation", "ls").status()).isZero();
    assertThat(here.run("operation", "ls", "--limit", "3").status()).isZero();
    assertThat(coordinator.requests)
        .containsExactly(
            ListOperationsRequest.newBuilder().setPageSize(50).build(),
            ListOperationsRequest.newBuilder().setPageSize(3).build());
    assertThat(here.run("operation", "ls", "--limit", "0").status()).isEqualTo(2);
    assertThat(here.run("operation", "ls", "-o", "json").out())
        .startsWith("[\n  {\n    \"id\": \"op-1\",");
    coordinator.operations.clear();
    assertThat(here.run("operation", "ls"))
        .isEqualTo(
            new CliRun(
                0,
                "ID  KIND  TARGET  STATE  STEP  TOOK  AGE\n",
                "no operations: building and deleting images makes some\n"));
  }

  @Test
  void contextsNameServersInAPrivateFile() throws IOException {
    CliRun.Surroundings bare = new CliRun.Surroundings(home);
    assertThat(bare.run("context", "ls").out()).isEqualTo("CURRENT  NAME  SERVER\n");
    assertThat(bare.run("context", "set", "dev", "--server", coordinator.address()).status())
        .isZero();
    assertThat(bare.run("context", "set", "prod", "a:1,b:2").status()).isZero();

    assertThat(bare.run("context", "ls").out())
        .contains("*        dev   " + coordinator.address() + "\n", "-        prod  a:1,b:2\n");
    assertThat(bare.run("clone", "ls").status()).isZero();
    Path file = home.resolve(".config/ramet/config.properties");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(bare.run("context", "use", "prod").status()).isZero();
    assertThat(bare.run("--context", "dev", "clone", "ls").status()).isZero();
    assertThat(bare.run("context", "rm", "prod").status()).isZero();
    assertThat(bare.run("context", "ls").out()).doesNotContain("*").doesNotContain("prod");
  }

  @Test
  void aContextThatIsNotThereOrNotGoodIsSaid() {
    assertThat(here.run("context", "use", "nope").status()).isEqualTo(3);
    assertThat(here.run("context", "rm", "nope").status()).isZero();
    assertThat(here.run("clone", "ls", "--context", "nope").status()).isEqualTo(3);
    assertThat(here.run("context", "set", "x").status()).isEqualTo(2);
    assertThat(here.run("context", "set", "x", "--server", "a b").err())
        .contains("\"a b\" is no server address");
    assertThat(here.run("context", "set", "a=b", "--server", "h:1").status()).isEqualTo(2);
  }

  @Test
  void theServerOptionWinsOverTheVariable() {
    assertThat(
            here.with("RAMET_SERVER", "127.0.0.1:1")
                .run("clone", "ls", "--server", coordinator.address())
                .status())
        .isZero();
    assertThat(here.run("clone", "ls", "--server", "http://x").status()).isEqualTo(2);
  }

  @Test
  void oneCompletionScriptServesBothShells() {
    CliRun bash = here.run("completion", "bash");
    assertThat(bash.status()).isZero();
    assertThat(here.run("completion", "zsh")).isEqualTo(bash);
    assertThat(bash.out()).contains("bashcompinit");
    assertThat(here.run("completion", "fish").status()).isEqualTo(2);
  }

  @Test
  void helpAndVersionGoToStandardOutput() {
    assertThat(here.run("--help").out()).contains("clone", "image", "RAMET_SERVER");
    assertThat(here.run("clone", "create", "--help").out()).contains("--engine-option");
    assertThat(here.run("--version").out()).startsWith("ramet ");
    assertThat(here.run("--help").err()).isEmpty();
  }

  @Test
  void aCommandThatIsNoneIsRefusedWithWhatThereIs() {
    assertThat(here.run())
        .isEqualTo(
            new CliRun(
                2,
                "",
                "ramet: which command? ramet has image, clone, proxy, host, array, operation,"
                    + " events, admin, context, completion; see ramet --help\n"));
    assertThat(here.run("clone", "lss").err())
        .isEqualTo("ramet: no command \"lss\": did you mean ls?; see ramet clone --help\n");
    assertThat(here.run("clone").status()).isEqualTo(2);
    assertThat(here.run("clone", "ls", "surplus").status()).isEqualTo(2);
  }
}
