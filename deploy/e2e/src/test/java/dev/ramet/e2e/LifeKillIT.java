package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Clones;
import dev.ramet.client.RametException;
import dev.ramet.client.Save;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Users stop, start, reset, save and branch their clones while parts are killed with -9 and started
 * again. What must hold then: every clone does what was asked of it last, with data that it once
 * had, and hosts hold that and nothing else. {@code -Dramet.seed=N} repeats a run's choices, not
 * its timing.
 */
final class LifeKillIT {
  private static final Duration SETTLED = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int USERS = 4;
  private static final int VERBS = 8;
  private static final int KILLS = 8;
  private static final String FRESH = "from the source";
  private static Lab lab;

  private final long seed = Long.getLong("ramet.seed", System.nanoTime());

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("life-kill").withCoordinators(2));
    lab.buildEverywhere("app", lab.source(1));
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    for (Part part : parts()) {
      if (!part.isAlive()) {
        part.start();
        part.awaitUp(Lab.UP);
      }
    }
    lab.awaitHosts();
    lab.deleteAllClones();
    lab.assertHoldsOnlyTheReady(SETTLED);
    lab.assertNothingLeft();
  }

  private static List<Part> parts() {
    List<Part> all = new ArrayList<>(lab.hosts().stream().map(lab::agent).toList());
    all.addAll(lab.coordinators());
    all.add(lab.etcd().part());
    return all;
  }

  @Test
  void everyCloneDoesWhatWasAskedLastAfterKills() throws Exception {
    System.out.println("seed " + seed);
    try {
      killDuringLives();
    } catch (AssertionError | Exception e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private void killDuringLives() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<User> users = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      users.add(new User("clone-" + i, i == 0 ? "docker" : "process", random.nextLong()));
    }
    List<Part> parts = parts();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      users.forEach(user -> work.add(threads.submit(user)));
      for (int i = 0; i < KILLS; i++) {
        Part victim = parts.get(random.nextInt(parts.size()));
        Eventually.pause(Duration.ofMillis(random.nextInt(1500)));
        victim.kill();
        Eventually.pause(Duration.ofMillis(random.nextInt(700)));
        victim.start();
        victim.awaitUp(Lab.UP);
      }
      for (Future<?> one : work) {
        one.get();
      }
    }
    Eventually.holds(
        "all clones have settled", SETTLED, () -> users.stream().allMatch(User::rests));
    lab.assertHoldsOnlyTheReady(SETTLED);
    for (User user : users) {
      user.assertHasDataThatItOnceHad();
    }
  }

  /** Uses one clone, asking again until an answer comes. */
  private static final class User implements Runnable {
    private final String name;
    private final String runtime;
    private final RandomGenerator random;
    private final Set<String> written = new ConcurrentSkipListSet<>(Set.of(FRESH));
    private boolean stopped;
    private int number;

    User(String name, String runtime, long seed) {
      this.name = name;
      this.runtime = runtime;
      this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private Clones clones() {
      return lab.client().clones();
    }

    @Override
    public void run() {
      untilTaken(
          () -> clones().create(name, CloneSpec.of("app").withRuntime(runtime)).await(PATIENCE));
      for (int i = 0; i < VERBS; i++) {
        number++;
        verb(random.nextInt(5));
      }
    }

    private void verb(int which) {
      if (stopped) {
        untilTaken(() -> clones().start(name).await(PATIENCE));
        stopped = false;
        return;
      }
      switch (which) {
        case 0 -> {
          untilTaken(() -> clones().stop(name, true).await(PATIENCE));
          stopped = true;
        }
        case 1 -> untilTaken(() -> reset(""));
        case 2 -> untilTaken(() -> clones().save(name, "save-" + number, ""));
        case 3 -> restoreTheNewest();
        default -> write("words " + number);
      }
    }

    private Clone reset(String to) {
      return clones().reset(name, to, Duration.ZERO, true).await(PATIENCE);
    }

    private void restoreTheNewest() {
      List<Save> saves = new ArrayList<>();
      untilTaken(() -> {
        saves.clear();
        return saves.addAll(clones().saves(name));
      });
      if (!saves.isEmpty()) {
        untilTaken(() -> reset(saves.getLast().reference()));
      }
    }

    /** Its host may be on its way back: what is not written is not missed. */
    private void write(String words) {
      written.add(words);
      try (Database database = Database.connect(clones().get(name).url().reveal())) {
        database.execute("UPDATE note SET words = '" + words + "' WHERE id = 1");
      } catch (SQLException | RametException e) {
        System.out.println(name + " was not written to: " + e.getMessage());
      }
    }

    boolean rests() {
      Clone clone = clones().get(name);
      Clone.State wanted = stopped ? Clone.State.STOPPED : Clone.State.READY;
      if (clone.state() != wanted || clone.life().reconciling()) {
        throw new IllegalStateException(
            "%s is %s, wanted %s; %s".formatted(name, clone.state(), wanted, clone.failure()));
      }
      return true;
    }

    void assertHasDataThatItOnceHad() throws SQLException {
      if (stopped) {
        clones().start(name).await(PATIENCE);
        stopped = false;
      }
      try (Database database = Database.connect(clones().get(name).url().reveal())) {
        String words = database.value("SELECT words FROM note WHERE id = 1");
        if (!written.contains(words)) {
          throw new AssertionError(
              "%s holds '%s', which was never written: %s"
                  .formatted(name, words, new TreeSet<>(written)));
        }
      }
    }
  }

  private interface Request {
    Object make();
  }

  /** Until it was done, or refused for good by something that is no matter of kills. */
  private static void untilTaken(Request request) {
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (true) {
      try {
        request.make();
        return;
      } catch (RametException e) {
        if (e.code().equals("SAVE_EXISTS")) {
          return; // by an earlier attempt, whose answer was lost
        }
        boolean passes =
            e.retryable()
                || switch (e.kind()) {
                  case UNAVAILABLE, TIMEOUT, CONFLICT, WORK_FAILED -> true;
                  default -> e.code().equals("CLONE_NOT_READY") || e.code().equals("SAVE_FAILED");
                };
        if (!passes || System.nanoTime() > end) {
          throw new AssertionError("refused: " + e.code() + " " + e.getMessage(), e);
        }
      }
      Eventually.pause(Duration.ofMillis(100));
    }
  }
}
