package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code deploy/quickstart} as a user runs it, with clones that run as processes. */
final class QuickstartIT {
  private static final Path LOGS = Lab.root().resolve("deploy/e2e/target/logs/quickstart");

  private Quickstart quickstart;

  @BeforeEach
  void chooseADirectory() throws IOException {
    Files.createDirectories(LOGS);
    quickstart = new Quickstart(Map.of());
  }

  @AfterEach
  void stopIt() {
    quickstart.close();
  }

  @Test
  void itMakesClonesOfAUsersServerAndShowsItsPasswordToNobody() throws Exception {
    Path json = quickstart.home().resolve("summary.json");
    String[] arguments = {
      "--runtime", "process", "--hosts", "3", "--clones", "3", "--json", json.toString()
    };
    try (SourceServer source = SourceServer.start(quickstart.home().resolve("source"), LOGS, 1);
        CommandLines lines = new CommandLines()) {
      List<String> wrong = new ArrayList<>(List.of(arguments));
      wrong.addAll(List.of("--source", source.url("not-its-password")));
      Command refused = quickstart.run(wrong.toArray(String[]::new));
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.err()).contains("password").doesNotContain("not-its-password");
      seenOnlyAtTheStart(lines, "not-its-password", "deploy/quickstart");

      List<String> right = new ArrayList<>(List.of(arguments));
      right.addAll(List.of("--source", "-"));
      Command up = quickstart.runWithInput(source.url(), right.toArray(String[]::new)).orFail();
      assertThat(up.out().lines()).hasSize(4);
      assertThat(up.out()).contains("host-a", "host-b", "host-c");
      assertThat(up.err()).doesNotContain(SourceServer.PASSWORD);
      isTheSummary(json, "process", 3);
      for (String url : urls(json)) {
        assertThat(value(url, "SELECT words FROM note")).isEqualTo("from the source");
      }

      quickstart.cli("image", "build", "other", "--from", source.url("nor-this"));
      seenOnlyAtTheStart(lines, "nor-this", "bin/ramet");
      assertThat(lines.all()).anyMatch(line -> line.contains("pg_basebackup"));
      assertThat(lines.with(SourceServer.PASSWORD)).isEmpty();
      for (String password : Quickstart.jq(json, ".clones[].password").split("\n")) {
        assertThat(lines.with(password)).isEmpty();
      }
    }
    quickstart.run("--stop").orFail();
    assertThat(quickstart.left()).isEmpty();
  }

  @Test
  void killedAtAnyTimeItGoesOnAndLeavesNothingWhenStopped() throws Exception {
    long seed = Long.getLong("ramet.seed", System.nanoTime());
    System.out.println("QuickstartIT: -Dramet.seed=" + seed);
    Random random = new Random(seed);
    Path json = quickstart.home().resolve("summary.json");
    String[] arguments = {"--runtime", "process", "--json", json.toString()};
    killAfter("starting etcd", random.nextInt(3000), arguments);
    killAfter("building the image", random.nextInt(2000), arguments);
    killAfter("making 4 clones", random.nextInt(2500), arguments);

    Command up = quickstart.run(arguments).orFail();
    List<String> table = up.out().lines().toList();
    assertThat(table).hasSize(5);
    assertThat(table.getFirst()).startsWith("CLONE").contains("HOST", "READY", "TOTAL ms", "URL");
    assertThat(up.out()).contains("host-a", "host-b");
    isTheSummary(json, "process", 2);
    assertThat(Quickstart.jq(json, ".image.revisions | length")).isEqualTo("1");
    for (String url : urls(json)) {
      assertThat(value(url, "SELECT count(*) FROM pgbench_branches")).isEqualTo("5");
    }
    againItChangesNothing(up, json, arguments);
    itTellsWhatTheCoordinatorKnows();

    freezeAServer();
    quickstart.run("--stop").orFail();
    assertThat(quickstart.left()).isEmpty();
    assertThat(quickstart.run("--stop").orFail().err()).contains("nothing to stop");
    assertThat(quickstart.left()).isEmpty();
  }

  private void againItChangesNothing(Command up, Path json, String... arguments) throws Exception {
    Map<String, String> parts = quickstart.parts();
    assertThat(parts.keySet())
        .contains("coordinator", "etcd", "host-a", "host-b", "sample", "writes");
    String records = records();
    assertThat(records).isNotEmpty();
    String summary = Quickstart.jq(json, ".clones, .image, .seconds");
    Files.delete(json);

    Command again = quickstart.run(arguments).orFail();
    assertThat(again.err()).contains("up already");
    assertThat(again.out()).isEqualTo(up.out());
    assertThat(Quickstart.jq(json, ".clones, .image, .seconds")).isEqualTo(summary);
    assertThat(quickstart.parts()).isEqualTo(parts);
    assertThat(records()).isEqualTo(records);
  }

  /** The user's own command line works as it is, and what it did is seen. */
  private void itTellsWhatTheCoordinatorKnows() {
    assertThat(quickstart.cli("clone", "ls").orFail().out()).contains("app-1", "app-4");
    quickstart.cli("clone", "rm", "app-2").orFail();
    quickstart.cli("clone", "create", "mine", "--image", "app").orFail();
    List<String> names =
        quickstart.run().orFail().out().lines().skip(1).map(line -> line.split(" ")[0]).toList();
    assertThat(names).containsExactly("app-1", "app-3", "app-4", "mine");
  }

  @Test
  void itRefusesWhatItDoesNotKnow() throws IOException {
    for (String[] arguments :
        List.of(
            new String[] {"--colour"},
            new String[] {"--hosts", "0"},
            new String[] {"--hosts"},
            new String[] {"--clones", "many"},
            new String[] {"--runtime", "podman"},
            new String[] {"extra"})) {
      Command command = quickstart.run(arguments);
      assertThat(command.exit()).as(String.join(" ", arguments)).isEqualTo(2);
      assertThat(command.err()).contains("usage: deploy/quickstart");
    }
    for (String directory : List.of("/tmp/" + "x".repeat(60), "/tmp/two words", "/tmp/a:b")) {
      Command command = quickstart.run("--dir", directory);
      assertThat(command.exit()).isEqualTo(1);
      assertThat(command.err().lines()).hasSize(1);
      assertThat(Path.of(directory)).doesNotExist();
      assertThat(Quickstart.lock(Path.of(directory))).doesNotExist();
    }
    assertThat(quickstart.run("--source", "/nowhere/dump").err()).contains("no such file");
    assertThat(quickstart.left()).isEmpty();
  }

  /** Kills it so many milliseconds after it says that; it may be through by then. */
  private void killAfter(String words, int millis, String... arguments) throws Exception {
    Process running = quickstart.start(arguments);
    Eventually.holds(
        "it says: " + words,
        Duration.ofMinutes(2),
        () -> quickstart.errors().contains(words) || !running.isAlive());
    Eventually.pause(Duration.ofMillis(millis));
    assertThat(quickstart.errors()).contains(words);
    Quickstart.kill(running);
  }

  /** Its own command line held it until it began anew, which is a moment; no other ever did. */
  private static void seenOnlyAtTheStart(CommandLines lines, String secret, String program) {
    Map<String, Integer> seen = lines.with(secret);
    assertThat(seen.keySet()).allMatch(line -> line.contains(program));
    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(100);
  }

  /** As one that has grown as much as it may. */
  private void freezeAServer() throws IOException {
    List<ProcessHandle> servers =
        ProcessHandle.allProcesses()
            .filter(process -> worksBelow(process, quickstart.dir().resolve("hosts")))
            .toList();
    assertThat(servers).isNotEmpty();
    servers.forEach(process -> Command.run("kill", "-STOP", Long.toString(process.pid())).orFail());
  }

  private static boolean worksBelow(ProcessHandle process, Path directory) {
    try {
      Path works = Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"));
      return works.startsWith(directory) && works.toString().contains("/mnt/");
    } catch (IOException e) {
      return false; // ended meanwhile, or a thread of the kernel
    }
  }

  /** What docs/quickstart.md promises of {@code --json}. */
  static void isTheSummary(Path json, String runtime, int hosts) throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(json)))
        .isEqualTo("rw-------");
    assertThat(Quickstart.jq(json, ".runtime")).isEqualTo(runtime);
    assertThat(Quickstart.jq(json, "(.seconds | type), (.image.build_ms > 0)"))
        .isEqualTo("number\ntrue");
    assertThat(Quickstart.jq(json, "[.hosts[] | select(.alive)] | length")).isEqualTo("" + hosts);
    assertThat(
            Quickstart.jq(
                json,
                ".image | .name, .revisions[0].state,"
                    + " ([.revisions[0].replicas[] | select(.state == \"READY\")] | length)"))
        .isEqualTo("app\nREADY\n" + hosts);
    assertThat(
            Quickstart.jq(
                json,
                "[.clones[] | select((.image == \"app\" and .revision > 0 and .state == \"READY\""
                    + " and (.name, .host, .database, .user, .password | length > 0)"
                    + " and .endpoint.host == \"127.0.0.1\" and .endpoint.port > 0"
                    + " and (.url | startswith(\"postgres://\"))"
                    + " and .timings.total > 0 and (.timings.steps | length > 3)) | not) | .name]"))
        .isEqualTo("[]");
    assertThat(Quickstart.jq(json, "[.clones[].host] | unique | length")).isEqualTo("" + hosts);
  }

  static List<String> urls(Path json) {
    return Quickstart.jq(json, ".clones[].url").lines().toList();
  }

  static String value(String url, String query) throws Exception {
    try (Database database = Database.connect(url)) {
      return database.value(query);
    }
  }

  /** All that etcd holds of images and clones, with revisions. */
  private String records() throws IOException, InterruptedException {
    String etcd =
        "http://127.0.0.1:" + Files.readString(quickstart.dir().resolve("ports/etcd")).strip();
    StringBuilder records = new StringBuilder();
    for (String kind : List.of("images", "revisions", "clones", "operations", "ports")) {
      records.append(Etcd.records(etcd, "/ramet/v1/" + kind + "/"));
    }
    return records.toString();
  }
}
