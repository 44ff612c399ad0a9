package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.v1.Clone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a psql that writes down how it was called. */
class ClonePsqlTest {
  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();
  private CliRun.Surroundings here;

  @BeforeEach
  void fill() throws IOException {
    coordinator.addExamples();
    Path bin = Files.createDirectory(home.resolve("bin"));
    Files.writeString(
        bin.resolve("psql"),
        """
        #!/bin/sh
        record=$(dirname "$0")/../record
        printf 'arg:%s\\n' "$@" >"$record"
        env | grep -E '^PG' | grep -v PASSFILE | sort >>"$record"
        cat "$PGPASSFILE" >>"$record"
        stat -c %a "$PGPASSFILE" >>"$record"
        exit 4
        """);
    Files.setPosixFilePermissions(
        bin.resolve("psql"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Path runtime = Files.createDirectory(home.resolve("runtime"));
    here =
        new CliRun.Surroundings(home)
            .with("RAMET_SERVER", coordinator.address())
            .with("PATH", "/nonexistent:" + bin)
            .with("XDG_RUNTIME_DIR", runtime.toString());
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  @Test
  void psqlGetsTheAddressByVariablesAndThePasswordByAPrivateFileThatIsGoneAfterwards()
      throws IOException {
    coordinator.clones.put(
        "fix-1", Examples.clone("fix-1").toBuilder().setPassword("a:b\\c").build());

    CliRun run = here.run("clone", "psql", "fix-1", "--", "-c", "select 1");

    assertThat(run.status()).isEqualTo(4);
    assertThat(Files.readString(home.resolve("record")))
        .isEqualTo(
            """
            arg:-c
            arg:select 1
            PGDATABASE=shop
            PGHOST=127.0.0.1
            PGPORT=15001
            PGUSER=ramet
            127.0.0.1:15001:*:ramet:a\\:b\\\\c
            600
            """);
    try (Stream<Path> left = Files.list(home.resolve("runtime"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void whatFollowsTheTwoDashesGoesToPsqlAsItIs() throws IOException {
    List<String> arguments =
        List.of("-At", "", "two words", "$(id)", "';\"`", "--help", "-o", "json", "--", "ü");
    String[] command =
        Stream.concat(Stream.of("clone", "psql", "fix-1", "--"), arguments.stream())
            .toArray(String[]::new);

    assertThat(here.run(command).status()).isEqualTo(4);

    assertThat(Files.readAllLines(home.resolve("record")))
        .filteredOn(line -> line.startsWith("arg:"))
        .containsExactlyElementsOf(arguments.stream().map(argument -> "arg:" + argument).toList());
  }

  @Test
  void anOptionBeforeTheTwoDashesIsRametsOwn() {
    CliRun run = here.run("clone", "psql", "fix-1", "-c", "select 1");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("'-c'").contains("ramet clone psql --help");
    assertThat(coordinator.requests).isEmpty();
  }

  @Test
  void aCloneThatIsNotReadyIsAFailedPrecondition() {
    coordinator.clones.put(
        "fix-1", Examples.pending("fix-1").toBuilder().setState(Clone.State.PROVISIONING).build());

    CliRun run = here.run("clone", "psql", "fix-1");

    assertThat(run.status()).isEqualTo(7);
    assertThat(run.err()).contains("clone fix-1 is PROVISIONING, not READY");
  }

  @Test
  void withoutPsqlTheLineSaysWhatToInstall() {
    CliRun run = here.with("PATH", "/nonexistent").run("clone", "psql", "fix-1");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).startsWith("ramet: no psql on the PATH: install postgresql-client");
  }
}
