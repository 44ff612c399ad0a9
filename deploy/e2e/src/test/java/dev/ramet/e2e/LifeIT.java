package dev.ramet.e2e;

import static dev.ramet.e2e.Refusal.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.ImageChange;
import dev.ramet.client.Lifetime;
import dev.ramet.client.Operation;
import dev.ramet.client.Save;
import dev.ramet.client.WarmPool;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a clone after it was made: real hosts, real databases. */
final class LifeIT {
  private static final Duration READY = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static Lab lab;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("life"));
    lab.buildEverywhere("app", lab.source(2));
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingOfTheClonesIsLeft() {
    try {
      lab.assertHoldsOnlyTheReady(SOON);
    } finally {
      lab.deleteAllClones();
    }
    lab.assertNothingLeft();
  }

  private static Clone create(String name, String runtime) {
    return lab.client()
        .clones()
        .create(name, CloneSpec.of("app").withRuntime(runtime))
        .await(READY);
  }

  private static String words(Clone clone) throws SQLException {
    try (Database database = Database.connect(clone.url().reveal())) {
      return database.value("SELECT words FROM note WHERE id = 1");
    }
  }

  private static void write(Clone clone, String words) throws SQLException {
    run(clone, "UPDATE note SET words = '" + words + "' WHERE id = 1");
  }

  private static void run(Clone clone, String statement) throws SQLException {
    try (Database database = Database.connect(clone.url().reveal())) {
      database.execute(statement);
    }
  }

  /** Of the only one of c. */
  private static long sizeOfTheSave() {
    List<Save> saves = lab.client().clones().savesWithSizes("c");
    assertThat(saves).singleElement().extracting(Save::ownBytes).isNotNull();
    return Objects.requireNonNull(saves.getFirst().ownBytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aStoppedCloneComesBackWithItsDataAtItsAddress(String runtime) throws Exception {
    Clone before = create("c", runtime);
    write(before, "mine");
    Clone stopped = lab.client().clones().stop("c", false).await(READY);
    assertThat(stopped.state()).isEqualTo(Clone.State.STOPPED);
    assertThat(lab.traces().mountsOfVolumes()).as("a stopped clone holds no mount").isEmpty();
    assertThatThrownBy(() -> words(before)).isInstanceOf(SQLException.class);
    Clone started = lab.client().clones().start("c").await(READY);
    assertThat(started.url().reveal()).isEqualTo(before.url().reveal());
    assertThat(words(before)).isEqualTo("mine");
    Clone restarted = lab.client().clones().restart("c", false).await(READY);
    assertThat(restarted.state()).isEqualTo(Clone.State.READY);
    assertThat(words(before)).isEqualTo("mine");
  }

  @Test
  void aWarmCloneIsThereAtOnceAndBelongsToOneUser() throws Exception {
    lab.client().images().update("app", new ImageChange().warm(2, 0));
    awaitWarm(2);
    assertThat(lab.cli("image", "ls").out()).contains("2/2");
    Clone first = lab.client().clones().create("c", CloneSpec.of("app")).now();
    assertThat(first.state()).as("it runs already").isEqualTo(Clone.State.READY);
    assertThat(first.warm()).isTrue();
    assertThat(words(first)).isEqualTo("from the source");
    write(first, "mine");
    assertThat(lab.cli("clone", "show", "c").out()).contains("taken in").contains("claim");
    Clone second = lab.client().clones().create("d", CloneSpec.of("app")).await(READY);
    assertThat(words(second)).isEqualTo("from the source");
    assertThat(second.password().reveal()).isNotEqualTo(first.password().reveal());
    lab.client().clones().restart("c", true).await(READY);
    assertThat(words(first)).isEqualTo("mine");
    awaitWarm(2);
    lab.client().images().update("app", new ImageChange().warm(0, 0));
  }

  @Test
  void aWarmContainerIsGivenTheLimitsThatItsUserAsksFor() throws Exception {
    lab.client().images().update("app", new ImageChange().warm(1, 0));
    awaitWarm(1);
    CloneSpec limited = CloneSpec.of("app").withRuntime("docker").withMemoryLimitBytes(256L << 20);
    Clone clone = lab.client().clones().create("c", limited).await(READY);
    assertThat(clone.warm()).isTrue();
    assertThat(words(clone)).isEqualTo("from the source");
    assertThat(memoryLimit(clone)).isEqualTo("268435456");
    lab.client().clones().restart("c", true).await(READY);
    assertThat(memoryLimit(clone)).isEqualTo("268435456");
    lab.client().images().update("app", new ImageChange().warm(0, 0));
  }

  /** A warm clone's container keeps the name that it was made by. */
  private static String memoryLimit(Clone clone) {
    String container = "ramet-app." + clone.uid();
    return Command.run("docker", "inspect", "-f", "{{.HostConfig.Memory}}", container)
        .orFail()
        .out()
        .strip();
  }

  private static void awaitWarm(int count) {
    Eventually.holds(
        count + " warm clones wait",
        READY,
        () -> {
          WarmPool pool = lab.client().images().get("app").warm();
          return pool != null && pool.ready() == count;
        });
  }

  /** Whoever is connected gets PostgreSQL's own farewell, and comes back to fresh data. */
  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aResetBeginsAgainAtTheSameAddress(String runtime) throws Exception {
    Clone clone = create("c", runtime);
    write(clone, "broken");
    try (Database connected = Database.connect(clone.url().reveal())) {
      assertThat(connected.value("SELECT 1")).isEqualTo("1");
      refused(lab.cli("clone", "reset", "c"), "in use", "ramet");
      assertThat(connected.value("SELECT words FROM note WHERE id = 1")).isEqualTo("broken");
      Clone after = lab.client().clones().reset("c", "", Duration.ZERO, true).await(READY);
      assertThat(after.url().reveal()).isEqualTo(clone.url().reveal());
      assertThatThrownBy(() -> connected.value("SELECT 1")).isInstanceOf(SQLException.class);
    }
    assertThat(words(clone)).isEqualTo("from the source");
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aRenamedCloneGoesOnAndWhatAResetTakesAwayIsKeptWhereAsked(String runtime) throws Exception {
    Clone clone = create("c", runtime);
    write(clone, "mine");
    try (Database connected = Database.connect(clone.url().reveal())) {
      assertThat(lab.cli("clone", "rename", "c", "d").out()).contains(clone.url().reveal());
      refused(lab.cli("clone", "show", "c"), "no clone", "'c'");
      assertThat(connected.value("SELECT words FROM note WHERE id = 1")).isEqualTo("mine");
    }
    lab.client().clones().restart("d", true).await(READY);
    assertThat(words(clone)).isEqualTo("mine");
    lab.cli("clone", "reset", "d", "--keep-as", "old", "--force");
    assertThat(words(clone)).isEqualTo("from the source");
    Clone old = lab.client().clones().start("old").await(READY);
    assertThat(old.url().reveal()).isNotEqualTo(clone.url().reveal());
    assertThat(words(old)).isEqualTo("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aCloneIsSavedRestoredAndBranchedWhileItIsUsed(String runtime) throws Exception {
    Clone clone = create("c", runtime);
    write(clone, "before");
    run(
        clone,
        "CREATE TABLE bulk AS SELECT g, repeat('x', 500) AS words FROM"
            + " generate_series(1, 10000) g");
    Save save = lab.client().clones().save("c", "before", "before the migration");
    assertThat(save.parent()).isEqualTo("app:1");
    long fresh = sizeOfTheSave();
    write(clone, "after");
    run(clone, "UPDATE bulk SET words = repeat('y', 500)");
    run(clone, "CHECKPOINT");
    assertThat(sizeOfTheSave())
        .as("it owns what the clone wrote anew")
        .isGreaterThan(fresh + (4L << 20));

    Clone branch = lab.client().clones().create("branch", CloneSpec.from("c@before")).await(READY);
    assertThat(words(branch)).isEqualTo("before");
    write(branch, "of the branch");
    Save deeper = lab.client().clones().save("branch", "deeper", "");
    Clone twig =
        lab.client().clones().create("twig", CloneSpec.from(deeper.reference())).await(READY);
    assertThat(words(twig)).isEqualTo("of the branch");
    assertThat(words(clone)).as("a branch changes nothing in its origin").isEqualTo("after");

    lab.client().clones().reset("c", "c@before", Duration.ZERO, true).await(READY);
    assertThat(words(clone)).isEqualTo("before");
    refused(lab.cli("clone", "saves", "rm", "c@before"), "branch");
    refused(lab.cli("clone", "rm", "c", "--force"), "branch");
    String log = lab.cli("clone", "log", "c").orFail().out();
    assertThat(log).contains("app:1").containsPattern("before +[0-9.]+ .?i?B +.* branch ");

    for (String name : List.of("twig", "branch")) {
      lab.client().clones().delete(name, true).orElseThrow().await(READY);
    }
    assertThat(lab.cli("clone", "saves", "rm", "c@before").exit()).isZero();
    assertThat(lab.client().clones().saves("")).isEmpty();
  }

  @Test
  void aSaveBecomesARevisionWhoseClonesNeedNoRecovery() throws Exception {
    Clone clone = create("c", "process");
    write(clone, "golden");
    lab.client().clones().save("c", "golden", "");
    Operation operation = lab.client().images().promote("c@golden", "app").await(READY);
    assertThat(operation.target()).isEqualTo("app:2");
    Eventually.holds(
        "app:2 is on both hosts",
        READY,
        () -> lab.client().images().getRevision("app", 2).replicas().size() == 2);
    Clone other = create("other", "process");
    assertThat(other.revision()).isEqualTo(2);
    assertThat(words(other)).isEqualTo("golden");
    assertThat(lab.cli("clone", "logs", "other").orFail().out())
        .doesNotContain("database system was not properly shut down");
    lab.client().clones().reset("other", "app:1", Duration.ZERO, true).await(READY);
    assertThat(words(other)).isEqualTo("from the source");
    lab.deleteAllClones();
    lab.client().images().deleteRevision("app", 2).await(READY);
  }

  @Test
  void aCloneThatNobodyUsesGoesAndOneInUseStays() throws Exception {
    Lifetime idle = new Lifetime(Duration.ZERO, Duration.ofSeconds(6), Duration.ZERO);
    Clone used =
        lab.client()
            .clones()
            .create("used", CloneSpec.of("app").withRuntime("process"), idle)
            .await(READY);
    lab.client()
        .clones()
        .create("idle", CloneSpec.of("app").withRuntime("process"), idle)
        .await(READY);
    try (Database database = Database.connect(used.url().reveal())) {
      Eventually.holds(
          "the idle one is gone",
          SOON,
          () -> {
            assertThat(database.value("SELECT 1")).isEqualTo("1");
            return lab.client().clones().list().size() == 1;
          });
    }
    assertThat(lab.client().clones().list().getFirst().name()).isEqualTo("used");
    Eventually.holds(
        "and the other one goes after its last use",
        SOON,
        () -> lab.client().clones().list().isEmpty());
  }

  @Test
  void aCloneOfACloneAsItIsKeepsOneSaveHoweverOftenItIsAskedFor() {
    lab.cli("clone", "create", "c", "--image", "app", "--runtime", "process").orFail();
    String[] branch = {"clone", "create", "b", "--from", "c", "--runtime", "process"};
    lab.cli(branch).orFail();
    lab.cli(branch).orFail();
    assertThat(lab.client().clones().saves("c")).hasSize(1);
    for (String option : List.of("--port=1", "--host=nowhere", "--protect=9999d")) {
      assertThat(lab.cli("clone", "create", "d", "--from", "c", option).exit())
          .as(option)
          .isNotZero();
    }
    assertThat(lab.client().clones().saves("c")).as("none of what was refused").hasSize(1);
    String[] replacing = {"clone", "create", "b", "--image", "app", "--replace"};
    lab.cli("clone", "protect", "b", "--for", "1h").orFail();
    assertThat(lab.cli(replacing).exit()).isEqualTo(7);
    String[] forced = Arrays.copyOf(replacing, replacing.length + 1);
    forced[replacing.length] = "--force";
    lab.cli(forced).orFail();
  }

  @Test
  void theCommandsOfALifeAreToldInClearWords() {
    refused(lab.cli("clone", "stop", "nope"), "no clone 'nope'");
    refused(lab.cli("clone", "create", "x", "--image", "app", "--ttl", "soon"), "duration");
    create("c", "process");
    assertThat(lab.cli("clone", "protect", "c", "--for", "1d").exit()).isZero();
    refused(lab.cli("clone", "rm", "c"), "protected", "--off");
    refused(lab.cli("clone", "protect", "c", "--for", "400d"), "30d");
    assertThat(lab.cli("clone", "protect", "c", "--off").exit()).isZero();
    assertThat(lab.cli("clone", "extend", "c", "--ttl", "8h").orFail().out()).contains("in 7h");
    assertThat(lab.cli("clone", "extend", "c", "--ttl", "+1d12h").orFail().out())
        .contains("in 43h");
    assertThat(lab.cli("clone", "extend", "c", "--ttl", "none").orFail().out())
        .doesNotContain("expires");
    refused(lab.cli("clone", "restore", "c"), "CLONE@SAVE");
    refused(lab.cli("clone", "restore", "c@nope"), "no save 'nope'");
    refused(lab.cli("clone", "reset", "c", "--to", "app:99"), "revision 99");
    refused(lab.cli("clone", "save", "c", "no name"), "name");
    refused(lab.cli("clone", "create", "x", "--image", "app", "--from", "c"), "--from");
    assertThat(lab.cli("clone", "create", "c", "--image", "app:1", "--if-absent").exit()).isZero();
    assertThat(lab.cli("clone", "create", "d", "--from", "c").exit()).isZero();
    assertThat(lab.cli("clone", "connections", "c").exit()).isZero();
    assertThat(lab.cli("clone", "rm", "d").exit()).isZero();
    assertThat(lab.cli("clone", "create", "c", "--image", "app", "--replace").exit()).isZero();
  }
}
