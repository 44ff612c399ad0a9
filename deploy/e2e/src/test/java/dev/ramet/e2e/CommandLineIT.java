package dev.ramet.e2e;

import static dev.ramet.e2e.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.client.Clone;
import dev.ramet.client.ImageBuild;
import dev.ramet.client.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line on real clones, and what others on the machine get to see of it meanwhile. */
final class CommandLineIT {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Pattern OPERATION = Pattern.compile("\"id\": *\"([^\"]+)\"");
  private static Lab lab;
  private static SourceServer source;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("command-line").withHosts(1));
    source = lab.source(1);
    build("app");
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    try {
      lab.assertHoldsOnlyTheReady(SOON);
    } finally {
      lab.deleteAllClones();
      lab.client().images().delete("other").await(SOON);
    }
    lab.assertNothingLeft();
  }

  @Test
  void psqlOpensAClone() throws IOException {
    create("c", "process");
    Path runtime = Files.createDirectories(lab.dir().resolve("runtime"));
    Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", runtime.toString());
    Command words =
        lab.cli(environment, "clone", "psql", "c", "--", "-Atc", "SELECT words FROM note");
    assertThat(words.orFail().out().strip()).isEqualTo("from the source");
    Command wrong =
        lab.cli(
            environment, "clone", "psql", "c", "--", "-v", "ON_ERROR_STOP=1", "-c", "SELECT 1/0");
    assertThat(wrong.exit()).as("psql's own code for -c").isEqualTo(1);
    assertThat(wrong.err()).contains("division by zero");
    assertThat(runtime).isEmptyDirectory();
  }

  @Test
  void anOperationIsListedShownAndWatched() {
    String id = operation(build("other", "--no-wait", "-o", "json"));
    assertThat(lab.cli("operation", "watch", id, "-o", "json").orFail().out())
        .contains("\"SUCCEEDED\"", "\"base-backup\"");
    assertThat(lab.cli("operation", "show", id).orFail().out())
        .contains(id, "other:1", "base-backup");
    assertThat(lab.cli("operation", "ls").orFail().out()).contains(id, "other:1", "app:1");
  }

  @Test
  void watchingAnOperationThatFailsFails() throws IOException {
    byte[] whole =
        Files.readAllBytes(source.dump(lab.dir().resolve("whole.dump"), "--format=custom"));
    Path cut = lab.dir().resolve("cut.dump");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    String id =
        operation(
            lab.cli(
                "image", "build", "other", "--from", cut.toString(), "--no-wait", "-o", "json"));
    // where the cut is decides which words pg_restore has for it
    refused(lab.cli("operation", "watch", id), "pg_restore failed");
    assertThat(lab.cli("operation", "show", id).orFail().out())
        .contains("FAILED", "pg_restore failed");
  }

  @Test
  void oneOfTwoRevisionsIsRemoved() throws IOException {
    build("other");
    build("other");
    lab.cli("image", "rm", "other:1").orFail();
    assertThat(lab.cli("image", "show", "other:1").exit()).isEqualTo(3);
    assertThat(lab.traces().files("snapshots")).noneMatch(file -> file.contains("/other.1."));
    lab.cli("clone", "create", "c", "--image", "other", "--runtime", "process").orFail();
    assertThat(lab.client().clones().get("c").revision()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aCloneFillsUpToItsLimitAndHurtsNoOther(String runtime) throws Exception {
    long data = lab.client().images().getRevision("app", 1).dataBytes();
    long limit = (data >> 20) + 64;
    create("other", runtime);
    create("small", runtime, "--size-limit", limit + "MiB");
    Clone small = lab.client().clones().get("small");
    assertThat(small.spec().sizeLimitBytes()).isEqualTo(limit << 20);
    String fill =
        "CREATE UNLOGGED TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 150000)";
    try (Database full = Database.connect(small.url().reveal());
        Database other = Database.connect(lab.client().clones().get("other").url().reveal())) {
      assertThatThrownBy(() -> full.execute(fill)).hasMessageContaining("No space left on device");
      assertThat(full.value("SELECT words FROM note")).isEqualTo("from the source");
      assertThat(mostEverHeld(small)).isBetween((limit - 64) << 20, limit << 20);
      other.execute(fill);
      assertThat(other.value("SELECT count(*) FROM filler")).isEqualTo("150000");
    }
  }

  /** What its file takes in the pool, the image's part of it as well. */
  private static long mostEverHeld(Clone clone) {
    Path file =
        lab.pool(clone.host()).resolve("volumes/" + clone.name() + "." + clone.uid() + ".raw");
    String kib = Command.run("du", "--block-size=1024", file.toString()).orFail().out();
    return Long.parseLong(kib.split("\\s")[0]) << 10;
  }

  @Test
  void everythingListensOnThisMachineOnly() throws IOException {
    List<Integer> expected = new ArrayList<>(List.of(lab.etcd().part().port()));
    lab.coordinators().forEach(part -> expected.add(part.port()));
    lab.hosts().forEach(host -> expected.add(lab.agent(host).port()));
    for (String runtime : List.of("process", "docker")) {
      create(runtime, runtime);
      expected.add(lab.client().clones().get(runtime).endpoint().port());
    }
    assertThat(Listening.onLoopbackOnly(lab.processes())).containsAll(expected);
  }

  @Test
  void noPasswordCanBeSeenWhileImagesAndClonesAreMade() {
    Set<String> passwords = new TreeSet<>(Set.of(SourceServer.PASSWORD));
    StringBuilder inspected = new StringBuilder();
    try (CommandLines lines = new CommandLines()) {
      String id =
          lab.client().images().build(ImageBuild.of("other", Secret.of(source.url()))).now().id();
      while (!lab.client().operations().get(id).now().done()) {
        inspected.append(inspect());
      }
      for (String runtime : List.of("process", "docker")) {
        create(runtime, runtime);
        passwords.add(lab.client().clones().get(runtime).password().reveal());
      }
      inspected.append(inspect());
      assertThat(lines.with("pg_basebackup")).as("the backup was seen").isNotEmpty();
      for (String password : passwords) {
        assertThat(lines.with(password)).as("lines of processes").isEmpty();
        assertThat(lines.environmentsWith(password)).as("environments").isEmpty();
      }
    }
    assertThat(inspected.toString()).contains("pg_basebackup", "listen_addresses");
    assertThat(passwords).hasSize(3).noneMatch(inspected.toString()::contains);
  }

  private static String inspect() {
    List<String> command = new ArrayList<>(List.of("docker", "inspect"));
    command.addAll(lab.traces().containers());
    return command.size() > 2 ? Command.run(command.toArray(String[]::new)).out() : "";
  }

  private static Command build(String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("image", "build", name, "--from"));
    arguments.add("postgres://" + SourceServer.USER + "@127.0.0.1:" + source.port() + "/shop");
    arguments.addAll(List.of(options));
    return lab.cli(
            Map.of("RAMET_SOURCE_PASSWORD", SourceServer.PASSWORD),
            arguments.toArray(String[]::new))
        .orFail();
  }

  private static String operation(Command build) {
    Matcher id = OPERATION.matcher(build.orFail().out());
    assertThat(id.find()).as(build.out()).isTrue();
    return id.group(1);
  }

  private static void create(String name, String runtime, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("clone", "create", name, "--image", "app", "--runtime", runtime));
    arguments.addAll(List.of(options));
    lab.cli(arguments.toArray(String[]::new)).orFail();
  }
}
