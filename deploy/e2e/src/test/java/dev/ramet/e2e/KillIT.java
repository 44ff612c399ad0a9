package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.ImageBuild;
import dev.ramet.client.Operation;
import dev.ramet.client.RametClient;
import dev.ramet.client.RametException;
import dev.ramet.client.Revision;
import dev.ramet.client.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Parts are killed with -9 at random points of creates and deletes, and started again. What must
 * hold then: every clone is ready, failed with a reason, or gone; nothing leaks and nothing is
 * there twice. {@code -Dramet.seed=N} repeats a run's choices, not its timing.
 */
final class KillIT {
  private static final Duration SETTLED = Duration.ofSeconds(30);
  private static final int CLONES = 20;
  private static final int KILLS = 10;
  private static Lab lab;
  private static SourceServer source;

  private final long seed = Long.getLong("ramet.seed", System.nanoTime());

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("kill").withCoordinators(2));
    source = lab.source(1);
    lab.buildEverywhere("app", source);
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    startWhatIsDown();
    lab.awaitHosts();
    lab.deleteAllClones();
    lab.assertHoldsOnlyTheReady(SETTLED);
    lab.assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent", "coordinator", "etcd", "any"})
  void everyCloneIsReadyFailedOrGoneAfterKills(String victims) throws Exception {
    System.out.println("seed " + seed);
    try {
      killDuringCreatesAndDeletes(victims);
    } catch (AssertionError | Exception e) {
      throw new AssertionError("seed " + seed + ", victims " + victims, e);
    }
  }

  private void killDuringCreatesAndDeletes(String victims) throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<Part> parts = parts(victims);
    Set<String> deleted = new TreeSet<>();
    LastRestart last = new LastRestart();
    try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < CLONES; i++) {
        String name = "clone-" + i;
        String runtime = random.nextInt(4) == 0 ? "docker" : "process";
        boolean delete = random.nextInt(3) == 0;
        Duration before = Duration.ofMillis(random.nextInt(12_000));
        Duration between = Duration.ofMillis(random.nextInt(800));
        if (delete) {
          deleted.add(name);
        }
        work.add(users.submit(() -> use(name, runtime, before, delete, between, last)));
      }
      for (int kills = 0;
          kills < KILLS && work.stream().anyMatch(future -> !future.isDone());
          kills++) {
        Part victim = parts.get(random.nextInt(parts.size()));
        Eventually.pause(Duration.ofMillis(random.nextInt(1500)));
        victim.kill();
        Eventually.pause(Duration.ofMillis(random.nextInt(700)));
        victim.start();
        victim.awaitUp(Lab.UP);
      }
      last.was(System.nanoTime());
      for (Future<?> future : work) {
        future.get();
      }
    }
    Eventually.holds(
        "all clones have settled, counted from the last restart",
        last.left(),
        () -> settled(deleted));
    lab.assertHoldsOnlyTheReady(last.left());
    System.out.printf("settled %d ms after the last restart%n", last.passed().toMillis());
    assertReadyOnesAnswer();
  }

  /** The one clock that all has to settle by; users go on asking while parts are being killed. */
  private static final class LastRestart {
    private volatile long at = Long.MAX_VALUE;

    void was(long nanoTime) {
      at = nanoTime;
    }

    Duration passed() {
      return at == Long.MAX_VALUE ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - at);
    }

    Duration left() {
      return SETTLED.minus(passed());
    }
  }

  /** A user who asks again until an answer comes, and whose request was taken at least once. */
  private static void use(
      String name,
      String runtime,
      Duration before,
      boolean delete,
      Duration between,
      LastRestart last) {
    Eventually.pause(before);
    CloneSpec spec = CloneSpec.of("app").withRuntime(runtime);
    untilTaken(() -> lab.client().clones().create(name, spec), last::left);
    if (delete) {
      Eventually.pause(between);
      untilTaken(() -> lab.client().clones().delete(name), last::left);
    }
  }

  private static void untilTaken(Callable<?> request, Supplier<Duration> left)
      throws AssertionError {
    while (true) {
      try {
        request.call();
        return;
      } catch (RametException e) {
        if (!e.retryable()) {
          throw new AssertionError("refused: " + e.code() + " " + e.getMessage(), e);
        }
        if (left.get().isNegative()) {
          throw new AssertionError("not taken in time: " + e.code() + " " + e.getMessage(), e);
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      Eventually.pause(Duration.ofMillis(50));
    }
  }

  private static boolean settled(Set<String> deleted) {
    List<String> unsettled = new ArrayList<>();
    for (Clone clone : lab.client().clones().list()) {
      boolean failedWithReason =
          clone.state() == Clone.State.FAILED
              && clone.failure() != null
              && !clone.failure().message().isBlank();
      boolean fine = clone.state() == Clone.State.READY || failedWithReason;
      if (!fine || deleted.contains(clone.name())) {
        unsettled.add(clone.name() + " " + clone.state());
      }
    }
    if (!unsettled.isEmpty()) {
      throw new IllegalStateException("unsettled: " + unsettled);
    }
    return true;
  }

  private static void assertReadyOnesAnswer() throws Exception {
    for (Clone clone : ready()) {
      try (Database database = Database.connect(clone.url().reveal())) {
        assertThat(database.value("SELECT words FROM note"))
            .as(clone.name())
            .isEqualTo("from the source");
      }
    }
  }

  private static List<Clone> ready() {
    return lab.client().clones().list().stream()
        .filter(clone -> clone.state() == Clone.State.READY)
        .toList();
  }

  @Test
  void aBuildGoesOnOrFailsWithAReasonAfterKills() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    String operation =
        lab.client().images().build(ImageBuild.of("cut", Secret.of(source.url()))).now().id();
    for (String victims : List.of("agent", "coordinator", "etcd")) {
      List<Part> parts = parts(victims);
      Part victim = parts.get(random.nextInt(parts.size()));
      Eventually.pause(Duration.ofMillis(random.nextInt(1200)));
      victim.kill();
      victim.start();
      victim.awaitUp(Lab.UP);
    }
    Eventually.holds(
        "the build is over, seed " + seed,
        Duration.ofMinutes(2),
        () -> lab.client().operations().get(operation).now().done());
    Operation done = lab.client().operations().get(operation).now();
    Revision revision = lab.client().images().get("cut").revisions().getFirst();
    if (done.failure() == null) {
      assertThat(revision.state()).isEqualTo(Revision.State.READY);
      lab.client()
          .clones()
          .create("of-cut", CloneSpec.of("cut").withRuntime("process"))
          .await(Duration.ofMinutes(1));
      lab.delete("of-cut");
    } else {
      assertThat(done.failure().message()).isNotBlank();
      assertThat(revision.state()).isEqualTo(Revision.State.FAILED);
    }
    lab.assertHoldsOnlyTheReady(SETTLED);
    lab.client().images().delete("cut").await(Duration.ofMinutes(1));
    assertThat(lab.traces().files("snapshots")).allMatch(file -> file.contains("/app."));
  }

  @Test
  void theSameNameTwiceAtOnceGivesOneClone() throws Exception {
    try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Clone>> both = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        both.add(
            users.submit(() ->
                lab.client()
                    .clones()
                    .create("twice", CloneSpec.of("app").withRuntime("process"))
                    .await(Duration.ofMinutes(1))));
      }
      Set<String> uids = new TreeSet<>();
      for (Future<Clone> one : both) {
        uids.add(result(one).uid());
      }
      assertThat(uids).hasSize(1);
    }
    assertThat(lab.traces().files("volumes")).hasSize(1);
    assertThat(lab.etcd().keys("/ramet/v1/ports/")).hasSize(1);
  }

  private static Clone result(Future<Clone> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  @Test
  void aClientThatGivesUpLeavesACloneOrNothing() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int i = 0; i < 10; i++) {
      String name = "given-up-" + i;
      try (RametClient hasty =
              RametClient.builder()
                  .server(lab.servers())
                  .callTimeout(Duration.ofMillis(1 + random.nextInt(30)))
                  .build();
          ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
        users.submit(() -> hasty.clones().create(name, CloneSpec.of("app").withRuntime("process")));
        Eventually.pause(Duration.ofMillis(random.nextInt(30)));
      }
    }
    Eventually.holds("all clones have settled", SETTLED, () -> settled(Set.of()));
    lab.assertHoldsOnlyTheReady(SETTLED);
    assertReadyOnesAnswer();
  }

  @Test
  void clonesAreMadeWhileOneOfTwoCoordinatorsIsDown() throws Exception {
    for (Part coordinator : lab.coordinators()) {
      coordinator.kill();
      String name = "without-" + coordinator.name();
      CloneSpec spec = CloneSpec.of("app").withRuntime("process");
      LastRestart killed = new LastRestart();
      killed.was(System.nanoTime());
      untilTaken(() -> lab.client().clones().create(name, spec), killed::left);
      Clone clone = lab.client().clones().create(name, spec).await(SETTLED);
      try (Database database = Database.connect(clone.url().reveal())) {
        assertThat(database.value("SELECT 1")).isEqualTo("1");
      }
      coordinator.start();
      coordinator.awaitUp(Lab.UP);
    }
  }

  private static List<Part> parts(String victims) {
    List<Part> agents = lab.hosts().stream().map(lab::agent).toList();
    return switch (victims) {
      case "agent" -> agents;
      case "coordinator" -> lab.coordinators();
      case "etcd" -> List.of(lab.etcd().part());
      case "any" -> {
        List<Part> all = new ArrayList<>(agents);
        all.addAll(lab.coordinators());
        all.add(lab.etcd().part());
        yield all;
      }
      default -> throw new IllegalArgumentException(victims);
    };
  }

  private static void startWhatIsDown() {
    for (Part part : parts("any")) {
      if (!part.isAlive()) {
        part.start();
        part.awaitUp(Lab.UP);
      }
    }
  }
}
