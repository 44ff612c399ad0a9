package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneLife;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Lifetime;
import dev.ramet.client.Proxy;
import dev.ramet.client.RametException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clone that may grow so much and no more: real volumes, real databases. */
final class GrowthCapIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final long LIMIT = 24 << 20;

  /** More than is written between two looks at it. */
  private static final int ROWS = 1000;

  private static Lab lab;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("growth").withHosts(1));
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

  private static Clone now() {
    return lab.client().clones().get("c");
  }

  private static void awaitState(Clone.State state) {
    Eventually.holds("the clone is " + state, SOON, () -> now().state() == state);
  }

  /** Whoever writes too much is held still in the middle of it, and loses nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aCloneIsFrozenAtItsCapAndGoesOnWhereItMayGrowMore(String runtime) throws Exception {
    CloneSpec spec = CloneSpec.of("app").withRuntime(runtime);
    Clone clone = lab.client().clones().create("c", spec, Lifetime.DEFAULT, LIMIT).await(SOON);
    try (Database database = Database.connect(clone.url().reveal())) {
      AtomicBoolean enough = new AtomicBoolean();
      Future<Integer> written = later(() -> fill(database, enough::get));
      awaitState(Clone.State.OVER_CAP);
      Eventually.holds("it is frozen", SOON, () -> isFrozen(runtime));
      assertThat(growth().bytes()).isGreaterThanOrEqualTo(LIMIT);
      assertThat(now().life().warnings())
          .extracting(CloneLife.Warning::code)
          .contains("GROWTH_NEAR_CAP");
      restartTheAgent();
      assertThat(isFrozen(runtime)).as("it stays so without an agent").isTrue();
      assertThat(refusalOfAProxy().code()).isEqualTo("CLONE_OVER_CAP");
      assertThat(lab.client().clones().save("c", "kept", "").clean()).isFalse();
      assertThat(lab.cli("clone", "extend", "c", "--growth", "+1B").err())
          .contains("has grown by already");
      assertThat(written.isDone()).isFalse();
      Command extended = lab.cli("clone", "extend", "c", "--growth", "+1GiB").orFail();
      assertThat(extended.out()).contains("READY").contains("growth");
      enough.set(true);
      int batches = written.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(database.value("SELECT count(*) FROM grown")).isEqualTo("" + batches * ROWS);
    }
    assertThat(growth().bytes()).isLessThan(growth().limitBytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aFrozenCloneIsStoppedAndResetLikeAnyOther(String runtime) throws Exception {
    CloneSpec spec = CloneSpec.of("app").withRuntime(runtime);
    Clone clone = lab.client().clones().create("c", spec, Lifetime.DEFAULT, LIMIT).await(SOON);
    try (Database database = Database.connect(clone.url().reveal())) {
      Future<Integer> cut = later(() -> fill(database, () -> false));
      awaitState(Clone.State.OVER_CAP);
      Clone reset = lab.client().clones().reset("c", "", Duration.ZERO, true).await(SOON);
      assertThat(reset.state()).isEqualTo(Clone.State.READY);
      Eventually.holds("its clients are told", SOON, cut::isDone);
    }
    try (Database database = Database.connect(clone.url().reveal())) {
      assertThat(database.value("SELECT words FROM note WHERE id = 1"))
          .isEqualTo("from the source");
      Future<Integer> unused = later(() -> fill(database, () -> false));
      awaitState(Clone.State.OVER_CAP);
      assertThat(lab.client().clones().stop("c", true).await(SOON).state())
          .isEqualTo(Clone.State.STOPPED);
    }
    assertThat(lab.traces().mountsOfVolumes()).isEmpty();
  }

  private static CloneLife.Growth growth() {
    CloneLife.Growth growth = now().life().growth();
    if (growth == null) {
      throw new AssertionError("it has no limit");
    }
    return growth;
  }

  /** A commit for each MiB, and as much of WAL, until it is enough; returns how many. */
  private static int fill(Database database, BooleanSupplier enough) throws Exception {
    database.execute("CREATE TABLE grown (i int, words text)");
    int batches = 0;
    while (!enough.getAsBoolean()) {
      database.execute(
          "INSERT INTO grown SELECT i, repeat(md5(i::text), 32) FROM generate_series(1, %d) i"
              .formatted(ROWS));
      batches++;
    }
    return batches;
  }

  private static boolean isFrozen(String runtime) throws IOException {
    if (runtime.equals("docker")) {
      return lab.traces().containersOfInstances().getFirst().endsWith(" paused");
    }
    String server = lab.traces().databases().getFirst().split(" ")[0];
    return Command.run("ps", "-o", "state=", "-p", server).orFail().out().startsWith("T");
  }

  private static void restartTheAgent() {
    Part agent = lab.agent(lab.hosts().getFirst());
    agent.kill();
    agent.start();
    agent.awaitUp(Lab.UP);
    lab.awaitHosts();
  }

  private static RametException refusalOfAProxy() {
    return catchThrowableOfType(
        RametException.class,
        () -> {
          try (Proxy _ = lab.client().proxies().open("c", "127.0.0.1", 0, _ -> {})) {
            throw new AssertionError("a proxy leads to a frozen clone");
          }
        });
  }

  private static <T> Future<T> later(java.util.concurrent.Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }
}
