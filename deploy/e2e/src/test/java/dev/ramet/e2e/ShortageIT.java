package dev.ramet.e2e;

import static dev.ramet.e2e.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Failure;
import dev.ramet.client.Host;
import dev.ramet.client.RametException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What runs out or goes away while it is being used: room in the pool, ports, the Docker engine.
 * One clear line, an exit code that is not 0, a clean host, and all is well again afterwards.
 */
final class ShortageIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration HEALED = Duration.ofSeconds(90);

  /** Of 128 KiB each: many times what a full pool has room for. */
  private static final int MAX_ROWS = 2000;

  private static Path socket;
  private static Relay docker;
  private static Lab lab;
  private static SourceServer source;

  @BeforeAll
  static void buildAnImage() throws IOException {
    socket = Files.createTempDirectory("relay").resolve("docker.sock");
    docker = Relay.ofSocket(socket, dockerSocket());
    int port = ThreadLocalRandom.current().nextInt(19_000, 20_000);
    lab =
        Lab.start(
            Lab.Plan.of("shortage")
                .withHosts(1)
                .withAgentSetting("docker.endpoint", "unix://" + socket)
                .withAgentSetting("database.ports", port + "-" + (port + 1))
                .withAgentSetting("pool.main.size", "2GiB"));
    source = lab.source(4);
    lab.buildEverywhere("app", source);
  }

  private static Path dockerSocket() {
    String set = System.getenv("DOCKER_HOST");
    return Path.of(set == null ? "/var/run/docker.sock" : set.replaceFirst("^unix://", ""));
  }

  @AfterAll
  static void removeEverything() throws IOException {
    if (lab != null) {
      lab.close();
    }
    docker.close();
    Files.deleteIfExists(socket.getParent());
  }

  @AfterEach
  void allIsWellAgain() throws IOException {
    try {
      lab.assertHoldsOnlyTheReady(SOON);
    } finally {
      lab.deleteAllClones();
      lab.client().images().delete("other").await(SOON);
    }
    lab.assertNothingLeft();
    Eventually.holds(
        "the host has seen that there is room again",
        SOON,
        () -> lab.client().hosts().list().getFirst().pools().getFirst().freeBytes() > 1L << 30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void thePoolFillsUpDuringABuild(String runtime) throws Exception {
    withRuntime(
        runtime,
        () -> {
          try (Relay slow = Relay.ofPort(source.port())) {
            Future<Command> build = buildHeld(slow);
            try (Filler _ = fill(12 << 20)) {
              slow.release();
              refused(build.get(), "pool", "main");
            }
          }
          Failure failure = lab.client().images().get("other").revisions().getFirst().failure();
          assertThat(failure.code()).isEqualTo("POOL_FULL");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void thePoolFillsUpBetweenCloneAndStart(String runtime) throws Exception {
    if (runtime.equals("docker")) {
      docker.holdAfter(0);
    }
    Command create = createInAPoolThatFillsUp(runtime);
    for (int i = 0; i < 10 && create.exit() == 0; i++) {
      lab.deleteAllClones(); // it was there before the pool was full: once more
      create = createInAPoolThatFillsUp(runtime);
    }
    refused(create, "pool", "main");
    assertThat(lab.client().clones().get("c").failure().code()).isEqualTo("POOL_FULL");
  }

  private static Command createInAPoolThatFillsUp(String runtime) throws Exception {
    Future<Command> create = later(() -> create("c", runtime));
    while (lab.traces().mountsOfVolumes().isEmpty() && !create.isDone()) {
      Thread.onSpinWait();
    }
    try (Filler _ = fill(0)) {
      docker.release();
      return create.get();
    }
  }

  /** No write is lost in silence: what was acknowledged is there when there is room again. */
  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void thePoolFillsUpUnderARunningClone(String runtime) throws Exception {
    CloneSpec spec = CloneSpec.of("app").withRuntime(runtime);
    Clone clone = lab.client().clones().create("c", spec).await(SOON);
    int acknowledged;
    try (Filler _ = fill(8 << 20)) {
      acknowledged = writeUntilItFails(clone);
      awaitToldFull();
      refused(create("another", runtime), "MiB free", "clones hold most: c (");
    }
    assertThat(acknowledged).isPositive();
    Eventually.holds(
        "it answers again, with every row that was acknowledged",
        HEALED,
        () -> rows(clone) >= acknowledged);
    Eventually.holds(
        "it is READY", SOON, () -> lab.client().clones().get("c").state() == Clone.State.READY);
  }

  /** Until then a create is placed, and refused by the agent. */
  private static void awaitToldFull() {
    Eventually.holds(
        "the coordinator knows that the pool is full",
        SOON,
        () ->
            lab.client().hosts().list().stream()
                .flatMap(host -> host.pools().stream())
                .allMatch(pool -> pool.freeBytes() < 8 << 20));
  }

  /** A commit for each row; returns how many were acknowledged. */
  private static int writeUntilItFails(Clone clone) throws SQLException {
    int rows = 0;
    try (Database database = Database.connect(clone.url().reveal())) {
      database.execute("CREATE TABLE written (words text)");
      while (rows < MAX_ROWS) {
        database.execute(
            "INSERT INTO written SELECT string_agg(md5(random()::text), '') FROM generate_series(1,"
                + " 4000)");
        rows++;
      }
    } catch (SQLException full) {
      return rows;
    }
    throw new AssertionError("a full pool took %d rows".formatted(rows));
  }

  private static int rows(Clone clone) throws SQLException {
    try (Database database = Database.connect(clone.url().reveal())) {
      return Integer.parseInt(database.value("SELECT count(*) FROM written"));
    }
  }

  @Test
  void dockerStopsBeforeACreate() throws Exception {
    docker.close();
    try {
      refused(create("at-once", "docker"), "Docker");
      awaitDocker(false);
      refused(create("later", "docker"), "Docker");
      assertThat(create("by-itself", "process").exit()).isZero();
    } finally {
      docker.open();
    }
    awaitDocker(true);
    create("again", "docker").orFail();
  }

  @Test
  void dockerStopsDuringABuild() throws Exception {
    try (Relay slow = Relay.ofPort(source.port())) {
      Future<Command> build = buildHeld(slow);
      docker.close();
      try {
        slow.release();
        refused(build.get(), "Docker");
      } finally {
        docker.open();
      }
    }
    awaitDocker(true);
    lab.assertHoldsOnlyTheReady(SOON);
    assertThat(lab.cli("image", "build", "other", "--from", source.url()).exit()).isZero();
  }

  @Test
  void thePortsRunOut() {
    CloneSpec spec = CloneSpec.of("app").withRuntime("process");
    lab.client().clones().create("first", spec).await(SOON);
    lab.client().clones().create("second", spec).await(SOON);
    long began = System.nanoTime();
    RametException refusal =
        catchThrowableOfType(
            RametException.class, () -> lab.client().clones().create("third", spec));
    Duration passed = Duration.ofNanos(System.nanoTime() - began);
    assertThat(refusal.code()).isEqualTo("PORTS_EXHAUSTED");
    assertThat(passed).isLessThan(Duration.ofSeconds(1));
    Host host = lab.client().hosts().list().getFirst();
    refused(create("third", "process"), "ports", host.firstPort() + "-" + host.lastPort());
    assertThat(lab.client().clones().list())
        .extracting(Clone::name)
        .containsExactly("first", "second");
  }

  private static Command create(String name, String runtime) {
    return lab.cli("clone", "create", name, "--image", "app", "--runtime", runtime);
  }

  /** A build that has begun its base backup and gets no further. */
  private static Future<Command> buildHeld(Relay slow) {
    slow.holdAfter(8 << 20);
    Future<Command> build =
        later(() -> lab.cli("image", "build", "other", "--from", source.url(slow)));
    Eventually.holds("the backup has begun", SOON, slow::holds);
    return build;
  }

  private static Filler fill(long leaving) throws IOException {
    return Filler.of(lab.pool(lab.hosts().getFirst()), leaving);
  }

  /** Builds take the first runtime that answers: without Docker that is the other one. */
  private static void withRuntime(String runtime, Work work) throws Exception {
    if (runtime.equals("docker")) {
      work.run();
      return;
    }
    docker.close();
    try {
      awaitDocker(false);
      work.run();
    } finally {
      docker.open();
      awaitDocker(true);
    }
  }

  private static void awaitDocker(boolean there) {
    Eventually.holds(
        "the host has seen that Docker is " + (there ? "there" : "away"),
        SOON,
        () -> lab.client().hosts().list().getFirst().runtimes().contains("docker") == there);
  }

  private static Future<Command> later(Callable<Command> work) {
    FutureTask<Command> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }
}
