package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The image of {@code deploy/images/build}, used as the official one of the same name is used. The
 * entry point is the one of the checkout, whatever image the engine holds.
 */
final class EngineImageIT {
  private static final String IMAGE = "postgres:" + SourceServer.major();
  private static final String PASSWORD = "it's \"quoted\" $HOME";

  private final String name =
      "ramet-image-" + UUID.randomUUID().toString().substring(0, 8).toLowerCase(Locale.ROOT);
  private Path home;

  @BeforeAll
  static void ensureImage() {
    Command.run(Lab.root().resolve("deploy/images/build").toString(), IMAGE).orFail();
  }

  @BeforeEach
  void writeFilesOfTheFirstStart() throws IOException {
    home = Files.createTempDirectory("image");
    Command.run("chmod", "0755", home.toString()).orFail();
    Path files = Files.createDirectories(home.resolve("initdb.d"));
    Files.writeString(
        files.resolve("1.sql"), "CREATE TABLE note (words text); INSERT INTO note VALUES ('sql');");
    String insert =
        "psql -v ON_ERROR_STOP=1 --username \"$POSTGRES_USER\" --dbname \"$POSTGRES_DB\" -c"
            + " \"INSERT INTO note VALUES ('%s')\"\n";
    Files.writeString(files.resolve("2.sh"), insert.formatted("sourced"));
    Path program = files.resolve("3.sh");
    Files.writeString(program, "#!/bin/sh\n" + insert.formatted("run") + "exit 0\n");
    Command.run("chmod", "0755", program.toString()).orFail();
    Files.writeString(files.resolve("4.sql"), "INSERT INTO note VALUES ('last');");
  }

  @AfterEach
  void remove() {
    Command.run("docker", "rm", "--force", "--volumes", name);
    Command.run("rm", "-rf", home.toString());
  }

  @Test
  void itTellsWhatTheOfficialImageTells() {
    assertThat(inspect("image", IMAGE, "{{.Config.StopSignal}}")).isEqualTo("SIGINT");
    assertThat(inspect("image", IMAGE, "{{.Config.Entrypoint}} {{.Config.Cmd}}"))
        .isEqualTo("[docker-entrypoint.sh] [postgres]");
    assertThat(inspect("image", IMAGE, "{{.Config.ExposedPorts}}")).contains("5432/tcp");
    assertThat(inspect("image", IMAGE, "{{.Config.Env}}"))
        .contains("PGDATA=/var/lib/postgresql/data", "PG_MAJOR=" + SourceServer.major());
  }

  @Test
  void theFirstStartMakesWhatItIsToldAndALaterOneKeepsIt() {
    run(
            "--env=POSTGRES_USER=shop",
            "--env=POSTGRES_PASSWORD=" + PASSWORD,
            "--env=POSTGRES_DB=orders",
            "--env=POSTGRES_INITDB_ARGS=--auth-host=scram-sha-256",
            "--volume=" + home.resolve("initdb.d") + ":/docker-entrypoint-initdb.d:ro")
        .orFail();
    awaitUp();
    assertThat(query("SELECT string_agg(words, ' ') FROM note")).isEqualTo("sql sourced run last");
    assertThat(query("SELECT current_user || ' ' || current_database()")).isEqualTo("shop orders");
    assertThat(query("SHOW shared_buffers")).isEqualTo("16MB");
    assertThat(query("SHOW data_directory")).isEqualTo("/var/lib/postgresql/data");
    assertThat(psql("wrong", "SELECT 1").err()).contains("password authentication failed");
    assertThat(inside("grep", "Uid:", "/proc/1/status").out().strip())
        .isEqualTo("Uid:\t999\t999\t999\t999");
    assertThat(inside("stat", "--format=%u %a", "/var/lib/postgresql/data").out().strip())
        .isEqualTo("999 700");
    query("INSERT INTO note VALUES ('written')");

    Command.run("docker", "stop", "--time", "30", name).orFail();
    assertThat(log()).contains("received fast shutdown request");
    assertThat(inspect("container", name, "{{.State.ExitCode}}")).isEqualTo("0");
    Command.run("docker", "start", name).orFail();
    awaitUp();
    assertThat(query("SELECT count(*) FROM note")).isEqualTo("5");

    Command.run("docker", "rm", "--force", name).orFail();
    run("--volume=" + home.resolve("initdb.d") + ":/docker-entrypoint-initdb.d:ro").orFail();
    awaitUp();
    assertThat(query("SELECT count(*) FROM note")).isEqualTo("5");
  }

  @Test
  void withoutAPasswordItSaysWhatIsMissing() {
    run().orFail();
    Eventually.holds(
        "it ends",
        Duration.ofSeconds(30),
        () -> inspect("container", name, "{{.State.Status}}").equals("exited"));
    assertThat(inspect("container", name, "{{.State.ExitCode}}")).isEqualTo("1");
    assertThat(log()).contains("POSTGRES_PASSWORD");
  }

  /** With data that outlive the container. */
  private Command run(String... options) {
    List<String> command = new ArrayList<>(List.of("docker", "run", "--detach", "--name", name));
    command.addAll(List.of("--network", "none", "--volume"));
    command.add(home.resolve("data") + ":/var/lib/postgresql/data");
    command.add("--volume");
    command.add(
        Lab.root().resolve("deploy/images/postgres/docker-entrypoint.sh")
            + ":/usr/local/bin/docker-entrypoint.sh:ro");
    command.addAll(List.of(options));
    command.addAll(List.of(IMAGE, "-c", "shared_buffers=16MB"));
    return Command.run(command.toArray(String[]::new));
  }

  /** Over TCP, where the server of the first start does not listen. */
  private void awaitUp() {
    Eventually.holds(
        "the server answers: " + name,
        Duration.ofMinutes(1),
        () -> inside("pg_isready", "--host", "127.0.0.1").exit() == 0);
  }

  private String query(String sql) {
    return psql(PASSWORD, sql).orFail().out().strip();
  }

  private Command psql(String password, String sql) {
    return Command.run(
        "docker",
        "exec",
        "--env",
        "PGPASSWORD=" + password,
        name,
        "psql",
        "--no-psqlrc",
        "-qAt",
        "postgres://shop@127.0.0.1/orders",
        "-c",
        sql);
  }

  private Command inside(String... command) {
    List<String> whole = new ArrayList<>(List.of("docker", "exec", name));
    whole.addAll(List.of(command));
    return Command.run(whole.toArray(String[]::new));
  }

  private String log() {
    return String.join("\n", Command.run("docker", "logs", name).orFail().lines());
  }

  private static String inspect(String kind, String name, String format) {
    return Command.run("docker", kind, "inspect", "--format", format, name).orFail().out().strip();
  }
}
