package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is done to an installation behind its back: what should run runs again, at the same address
 * with its data, or says why not.
 */
final class HealIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static Lab lab;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("heal").withHosts(1));
    Part coordinator = lab.coordinators().getFirst();
    coordinator.set("RAMET_RECONCILE_RESYNC", "500ms");
    coordinator.set("RAMET_RECONCILE_RECOVERY_ATTEMPTS", "2");
    coordinator.set("RAMET_RECONCILE_SWEEP_INTERVAL", "1s");
    coordinator.kill();
    coordinator.start();
    coordinator.awaitUp(Lab.UP);
    lab.awaitHosts();
    lab.buildEverywhere("app", lab.source(1));
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingOfTheClonesIsLeft() {
    lab.deleteAllClones();
    lab.assertNothingLeft();
  }

  private static Clone create(String name, CloneSpec spec) throws SQLException {
    Clone clone = lab.client().clones().create(name, spec).await(SOON);
    try (Database database = Database.connect(clone.url().reveal())) {
      database.execute("UPDATE note SET words = 'of " + name + "' WHERE id = 1");
    }
    return clone;
  }

  private static Clone create(String name, String runtime) throws SQLException {
    return create(name, CloneSpec.of("app").withRuntime(runtime));
  }

  private static String words(Clone clone) throws SQLException {
    try (Database database = Database.connect(clone.url().reveal())) {
      return database.value("SELECT words FROM note WHERE id = 1");
    }
  }

  /** At the address that it had. */
  private static void awaitBack(Clone clone) {
    Eventually.holds(
        clone.name() + " answers again with its data",
        SOON,
        () -> words(clone).equals("of " + clone.name()));
    Eventually.holds(
        clone.name() + " is READY",
        SOON,
        () -> lab.client().clones().get(clone.name()).state() == Clone.State.READY);
  }

  private static Failure awaitFailed(String name) {
    Eventually.holds(
        name + " is FAILED",
        SOON,
        () -> lab.client().clones().get(name).state() == Clone.State.FAILED);
    Failure failure = lab.client().clones().get(name).failure();
    if (failure == null) {
      throw new AssertionError(name + " failed without a reason");
    }
    return failure;
  }

  private static String id(Clone clone) {
    return clone.name() + "." + clone.uid();
  }

  private static Path pool() {
    return lab.pool(lab.hosts().getFirst());
  }

  private static Part agent() {
    return lab.agent(lab.hosts().getFirst());
  }

  /** kill -9 of the main process, or of the whole container. */
  private static void kill(Clone clone) throws IOException {
    if (clone.runtime().equals("docker")) {
      Command.run("docker", "kill", "ramet-" + id(clone)).orFail();
      return;
    }
    Path lock = pool().resolve("mnt").resolve(id(clone)).resolve("data/postmaster.pid");
    String pid = Files.readAllLines(lock).getFirst();
    Command.run("kill", "-9", pid).orFail();
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aServerThatIsKilledIsStartedAgain(String runtime) throws Exception {
    Clone clone = create("c", runtime);
    kill(clone);
    awaitBack(clone);
    assertThat(lab.client().clones().get("c").failure()).isNull();
  }

  @Test
  void aContainerThatIsRemovedIsMadeAgain() throws Exception {
    Clone clone = create("c", "docker");
    Command.run("docker", "rm", "--force", "ramet-" + id(clone)).orFail();
    awaitBack(clone);
  }

  @Test
  void aServerThatRunsOutOfMemoryRecovers() throws Exception {
    Clone clone =
        create("c", CloneSpec.of("app").withRuntime("docker").withMemoryLimitBytes(160L << 20));
    try (Database database = Database.connect(clone.url().reveal())) {
      assertThatThrownBy(() -> database.value("SELECT length(repeat('x', 900000000))"))
          .isInstanceOf(SQLException.class);
    }
    awaitBack(clone);
  }

  /** Databases go on while nobody watches them; what ended meanwhile is found to have. */
  @Test
  void whatEndsWhileNobodyWatchesIsStartedByWhoeverComesBack() throws Exception {
    Clone process = create("p", "process");
    Clone container = create("d", "docker");
    Clone goesOn = create("on", "process");
    try (Database connected = Database.connect(goesOn.url().reveal())) {
      Part coordinator = lab.coordinators().getFirst();
      agent().kill();
      coordinator.kill();
      kill(process);
      Command.run("docker", "rm", "--force", "ramet-" + id(container)).orFail();
      assertThat(connected.value("SELECT 1")).isEqualTo("1");
      coordinator.start();
      agent().start();
      coordinator.awaitUp(Lab.UP);
      agent().awaitUp(Lab.UP);
      awaitBack(process);
      awaitBack(container);
      assertThat(connected.value("SELECT 1")).as("it was not touched").isEqualTo("1");
    }
  }

  /** No process, no mount, no device; the files are there. */
  @Test
  void afterARebootAllThatShouldRunRunsAgain() throws Exception {
    Clone process = create("p", "process");
    Clone container = create("d", "docker");
    Clone stopped = create("s", "process");
    lab.client().clones().stop("s", true).await(SOON);
    agent().kill();
    endAllDatabases();
    for (String mount : lab.traces().mounts().stream().sorted(Comparator.reverseOrder()).toList()) {
      Command.run("umount", mount).orFail();
    }
    Eventually.holds("no device is left", SOON, () -> lab.traces().loops().isEmpty());
    agent().start();
    agent().awaitUp(Lab.UP);
    awaitBack(process);
    awaitBack(container);
    assertThat(lab.client().clones().get("s").state()).isEqualTo(Clone.State.STOPPED);
    lab.client().clones().start("s").await(SOON);
    awaitBack(stopped);
  }

  private static void endAllDatabases() throws IOException {
    for (String container : lab.traces().containers()) {
      Command.run("docker", "kill", container).orFail();
    }
    for (String server : lab.traces().databases()) {
      Command.run("kill", "-9", server.split(" ")[0]);
    }
    Eventually.holds("no database runs", SOON, () -> lab.traces().databases().isEmpty());
  }

  /** It is told, hurts no other, and can be removed. */
  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aVolumeThatIsDeletedByHandIsToldOf(String runtime) throws Exception {
    Clone clone = create("c", runtime);
    Clone other = create("other", runtime);
    Files.delete(pool().resolve("volumes").resolve(id(clone) + ".raw"));
    Failure failure = awaitFailed("c");
    assertThat(failure.code()).isEqualTo("DATA_LOST");
    assertThat(failure.message())
        .contains("c", lab.hosts().getFirst(), "bring its disk back", "can be dumped");
    Eventually.pause(Duration.ofSeconds(3)); // looked at several times meanwhile
    assertThat(words(clone)).as("its server goes on with the open file").isEqualTo("of c");
    assertThat(words(other)).isEqualTo("of other");
    assertThat(lab.client().clones().get("other").state()).isEqualTo(Clone.State.READY);
    assertThat(lab.cli("clone", "rm", "c", "--force").exit()).isZero();
  }

  @Test
  void aServerThatKeepsDyingIsToldWithItsLastLinesAndComesBackWhenItIsMended() throws Exception {
    Clone clone = create("c", "process");
    try (Database database = Database.connect(clone.url().reveal())) {
      database.execute("ALTER SYSTEM SET shared_preload_libraries = 'no_such_thing'");
    }
    kill(clone);
    Failure failure = awaitFailed("c");
    assertThat(failure.logTail()).anyMatch(line -> line.contains("no_such_thing"));
    assertThat(lab.cli("clone", "show", "c").orFail().out()).contains("no_such_thing");
    assertThat(lab.traces().files("volumes")).as("its data are kept").hasSize(1);
    Path settings = pool().resolve("mnt").resolve(id(clone)).resolve("data/postgresql.auto.conf");
    Eventually.holds(
        "it is mended",
        SOON,
        () -> {
          Files.writeString(settings, "");
          return true;
        });
    awaitBack(clone);
  }

  /**
   * What was made since is wanted by nobody and waits for its grace; what was deleted since is told
   * to be lost; all else goes on.
   */
  @Test
  void anOlderEtcdIsNoReasonToRemoveAnything() throws Exception {
    Clone always = create("always", "process");
    Clone old = create("old", "process");
    Path data = lab.dir().resolve("etcd");
    Path backup = lab.dir().resolve("etcd-backup");
    lab.etcd().part().stop();
    copy(data, backup);
    lab.etcd().part().start();
    lab.etcd().part().awaitUp(Lab.UP);
    Eventually.holds(
        "a clone is made", SOON, () -> words(create("young", "process")).equals("of young"));
    Clone young = lab.client().clones().get("young");
    lab.delete("old");

    Part coordinator = lab.coordinators().getFirst();
    coordinator.stop();
    agent().stop();
    lab.etcd().part().stop();
    delete(data);
    copy(backup, data);
    Files.delete(lab.dir().resolve(lab.hosts().getFirst()).resolve("state/fence"));
    lab.etcd().part().start();
    lab.etcd().part().awaitUp(Lab.UP);
    coordinator.start();
    coordinator.awaitUp(Lab.UP);
    agent().start();
    agent().awaitUp(Lab.UP);
    lab.awaitHosts();

    assertThat(awaitFailed("old").code()).isEqualTo("DATA_LOST");
    assertThat(old.uid()).isEqualTo(lab.client().clones().get("old").uid());
    awaitBack(always);
    Eventually.holds(
        "what is younger is known to be wanted by nobody",
        SOON,
        () -> lab.cli("admin", "orphans").out().contains(id(young)));
    assertThat(words(young)).as("it is left alone").isEqualTo("of young");
    assertThat(lab.cli("admin", "orphans", "--reap").orFail().out()).contains(id(young));
    assertThatThrownBy(() -> words(young)).isInstanceOf(SQLException.class);
    assertThat(words(always)).isEqualTo("of always");
  }

  private static void copy(Path from, Path to) {
    Command.run("cp", "-a", from.toString(), to.toString()).orFail();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }
}
