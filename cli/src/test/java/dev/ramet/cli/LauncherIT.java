package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/ramet} on the packaged jar, with the AOT cache that {@code deploy/aot/cli} trains. */
class LauncherIT {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path LAUNCHER = ROOT.resolve("bin/ramet");
  private static final String JAVA_HOME = System.getProperty("java.home");

  @TempDir static Path scratch;
  private static FakeCoordinator coordinator;

  @BeforeAll
  static void train() throws Exception {
    coordinator = new FakeCoordinator();
    coordinator.addExamples();
    Run training = run(List.of(ROOT.resolve("deploy/aot/cli").toString()), Map.of());
    assertThat(training.status()).as(training.err()).isZero();
  }

  @AfterAll
  static void stop() {
    coordinator.close();
  }

  @Test
  void theListPathRunsFromTheCache() throws Exception {
    Path log = scratch.resolve("classes.log");

    Run run = ramet(Map.of("RAMET_JAVA_OPTIONS", "-Xlog:class+load:file=" + log), "clone", "ls");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("fix-1  READY");
    assertThat(run.err()).isEmpty();
    List<String> loaded =
        Files.readAllLines(log).stream().filter(l -> l.contains("source:")).toList();
    long cached = loaded.stream().filter(l -> l.contains("source: shared objects file")).count();
    assertThat(cached * 100.0 / loaded.size()).as("percent from the cache").isGreaterThan(95);
    assertThat(loaded).anyMatch(l -> l.contains("io.grpc") && l.contains("shared objects file"));
    assertThat(loaded).anyMatch(l -> l.contains("picocli") && l.contains("shared objects file"));
  }

  @Test
  void aServerThatCannotBeFoundIsOneLine() throws Exception {
    Run run = ramet(Map.of(), "--server", "no-such-host.invalid", "clone", "ls");

    assertThat(run.status()).isNotZero();
    assertThat(run.err().lines()).singleElement().asString().contains("no-such-host.invalid");
  }

  @Test
  void whatIsSlowToStartStaysOut() throws Exception {
    Path log = scratch.resolve("slow.log");

    ramet(Map.of("RAMET_JAVA_OPTIONS", "-Xlog:class+init:file=" + log), "clone", "ls");

    try (Stream<String> initialised = Files.lines(log)) {
      assertThat(initialised)
          .noneMatch(l -> l.contains("CleanerJava24Linker$$InjectedInvoker"))
          .noneMatch(l -> l.contains("jdk/internal/foreign/abi/DowncallLinker"))
          .noneMatch(l -> l.contains("epoll/Native'"))
          .noneMatch(l -> l.contains("DnsNameResolver$"));
    }
  }

  @Test
  void aCacheThatIsOlderThanAJarIsLeftAside() throws Exception {
    Path copy = copyOfTheBuild();
    Files.setLastModifiedTime(
        copy.resolve("cli/target/ramet-cli.aot"), FileTime.from(Instant.EPOCH));

    Run run = run(List.of(copy.resolve("bin/ramet").toString(), "clone", "ls"), Map.of());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void aCacheThatIsBrokenIsLeftAsideWithoutAWord() throws Exception {
    Path copy = copyOfTheBuild();
    Files.writeString(copy.resolve("cli/target/ramet-cli.aot"), "no cache");

    Run run = run(List.of(copy.resolve("bin/ramet").toString(), "clone", "ls"), Map.of());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void aLinkToTheLauncherWorks() throws Exception {
    Path link = Files.createSymbolicLink(scratch.resolve("ramet"), LAUNCHER);

    assertThat(run(List.of(link.toString(), "--version"), Map.of()).out()).startsWith("ramet ");
  }

  @Test
  void beforeTheBuildTheLineSaysWhatToRun() throws Exception {
    Path bin = Files.createDirectories(scratch.resolve("empty/bin"));
    Files.copy(LAUNCHER, bin.resolve("ramet"));

    Run run = run(List.of(bin.resolve("ramet").toString(), "clone", "ls"), Map.of());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).startsWith("ramet: not built yet: run ").endsWith("/deploy/build\n");
  }

  @Test
  void withoutAJavaTheLineSaysWhatToInstall() throws Exception {
    Run run = ramet(Map.of("RAMET_JAVA", "/nonexistent"), "clone", "ls");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).startsWith("ramet: no Java 25 found: ");
  }

  /** On a real terminal, which is the only place where somebody can be asked. */
  @Test
  void aPasswordIsAskedForAndNotShown() throws Exception {
    coordinator.requests.clear();
    Path screen = scratch.resolve("screen");
    ProcessBuilder builder =
        new ProcessBuilder(
                "script",
                "-qec",
                "'%s' image build app --from postgres://shop@db.example/x --no-wait"
                    .formatted(LAUNCHER),
                "/dev/null")
            .redirectOutput(screen.toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(environment(Map.of()));
    List.of("RAMET_SOURCE_PASSWORD", "PGPASSWORD").forEach(builder.environment()::remove);
    Process process = builder.start();
    String prompt = "password of shop at the source (empty: none): ";
    await(() -> written(screen).contains(prompt));
    process.getOutputStream().write("s3cret pass\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(written(screen)).isZero();
    assertThat(written(screen)).contains("BUILD_IMAGE").doesNotContain("s3cret");
    assertThat(coordinator.requests)
        .singleElement()
        .isInstanceOfSatisfying(
            dev.ramet.proto.v1.BuildImageRequest.class,
            request ->
                assertThat(request.getSource())
                    .isEqualTo("postgres://shop:s3cret%20pass@db.example/x"));
  }

  private static String written(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  /** Ctrl-C while waiting, as a real process gets it. */
  @Test
  void interruptedItSaysWhatGoesOnAndExitsWith130() throws Exception {
    coordinator.operations.put(
        "op-9", Examples.operationLife("op-9").getFirst().toBuilder().setId("op-9").build());
    List<dev.ramet.proto.v1.Operation> life = List.copyOf(coordinator.operationStates);
    coordinator.operationStates.remove(1);
    try {
      Path err = scratch.resolve("interrupted.err");
      ProcessBuilder builder =
          new ProcessBuilder(LAUNCHER.toString(), "operation", "watch", "op-9")
              .redirectError(err.toFile());
      builder.environment().putAll(environment(Map.of()));
      Process process = builder.start();
      await(() ->
          coordinator.requests.stream()
              .anyMatch(r -> r instanceof dev.ramet.proto.v1.WatchOperationRequest));
      Thread.sleep(500);
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(130);
      assertThat(Files.readString(err))
          .isEqualTo("ramet: interrupted; operation op-9 goes on: ramet operation watch op-9\n");
    } finally {
      coordinator.operationStates.clear();
      coordinator.operationStates.addAll(life);
    }
  }

  /**
   * Ctrl-C goes to both; psql stays, and so does this program, with psql's exit code at the end.
   */
  @Test
  void interruptedPsqlDecidesWhenTheProgramEnds() throws Exception {
    Path bin = Files.createDirectories(scratch.resolve("psql-bin"));
    Path psql = bin.resolve("psql");
    Files.writeString(
        psql,
        """
        #!/bin/sh
        trap 'touch "$0.interrupted"' INT
        touch "$0.started"
        while [ ! -e "$0.stop" ]; do sleep 0.1; done
        exit 9
        """);
    Files.setPosixFilePermissions(
        psql, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Path err = scratch.resolve("psql.err");
    ProcessBuilder builder =
        new ProcessBuilder(LAUNCHER.toString(), "clone", "psql", "fix-1")
            .redirectError(err.toFile());
    Path runtime = Files.createDirectories(scratch.resolve("psql-runtime"));
    builder
        .environment()
        .putAll(
            environment(
                Map.of(
                    "PATH",
                    bin + ":" + System.getenv("PATH"),
                    "XDG_RUNTIME_DIR",
                    runtime.toString())));
    Process process = builder.start();
    await(() -> Files.exists(bin.resolve("psql.started")));
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    Thread.sleep(500);
    assertThat(process.isAlive()).isTrue();
    Files.createFile(bin.resolve("psql.stop"));

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(9);
    assertThat(Files.readString(err)).isEmpty();
    try (Stream<Path> left = Files.list(runtime)) {
      assertThat(left).isEmpty();
    }
  }

  private static void await(java.util.function.BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static Path copyOfTheBuild() throws IOException {
    Path copy = Files.createTempDirectory(scratch, "copy");
    Path target = Files.createDirectories(copy.resolve("cli/target"));
    Files.createDirectories(copy.resolve("bin"));
    Files.copy(LAUNCHER, copy.resolve("bin/ramet"));
    Files.createSymbolicLink(target.resolve("lib"), ROOT.resolve("cli/target/lib"));
    try (Stream<Path> files = Files.list(ROOT.resolve("cli/target"))) {
      for (Path file : files.filter(f -> f.toString().matches(".*ramet-cli.*(jar|aot)")).toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static Run ramet(Map<String, String> variables, String... args) throws Exception {
    return run(Stream.concat(Stream.of(LAUNCHER.toString()), Stream.of(args)).toList(), variables);
  }

  private static Map<String, String> environment(Map<String, String> variables) {
    Map<String, String> all =
        new java.util.HashMap<>(
            Map.of(
                "RAMET_SERVER",
                coordinator.address(),
                "RAMET_JAVA",
                JAVA_HOME,
                "RAMET_JAVA_HOME",
                JAVA_HOME));
    all.putAll(variables);
    return all;
  }

  private static Run run(List<String> command, Map<String, String> variables) throws Exception {
    Path out = Files.createTempFile(scratch, "run", ".out");
    Path err = Files.createTempFile(scratch, "run", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment(variables));
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(180, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " did not end");
    }
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private record Run(int status, String out, String err) {}
}
