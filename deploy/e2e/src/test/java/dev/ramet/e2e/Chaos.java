package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.coordinator.testing.users.Asking;
import dev.ramet.coordinator.testing.users.Contents;
import dev.ramet.coordinator.testing.users.Crowd;
import dev.ramet.coordinator.testing.users.Site;
import dev.ramet.coordinator.testing.users.Timeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Users with a model on three real hosts, with or without kills: behind {@code deploy/chaos}. A
 * seed repeats a run's choices, not its timing; every failure tells it, and what happened before.
 */
final class Chaos implements AutoCloseable {
  /** A server that died again and again is given up to a minute of rest. */
  private static final Duration SETTLED = Duration.ofMinutes(2);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int HOSTS = 3;
  private static final int USERS = 4;
  private static final int ACTS = 2;
  private static final String IMAGE = "postgres:" + SourceServer.major();

  /** Most clones run as processes, which are quicker. */
  private static final List<String> RUNTIMES = List.of("process", "process", "process", "docker");

  private final long seed;
  private final Timeline timeline = new Timeline();
  private final @Nullable DockerEngine docker;
  private final Lab lab;

  private Chaos(long seed, @Nullable DockerEngine docker, Lab lab) {
    this.seed = seed;
    this.docker = docker;
    this.lab = lab;
  }

  /**
   * An installation with an image.
   *
   * @param ownDocker with an engine that may be killed
   */
  static Chaos begin(long seed, boolean ownDocker) throws IOException {
    System.out.println("seed " + seed);
    Lab.Plan plan = Lab.Plan.of("chaos").withHosts(HOSTS).withCoordinators(2);
    @Nullable DockerEngine docker = null;
    if (ownDocker) {
      docker = DockerEngine.start(Lab.root().resolve("deploy/e2e/target/logs/chaos-docker"));
      plan = plan.withDocker(docker.address());
    }
    try {
      if (docker != null) {
        docker.copy(IMAGE);
      }
      Chaos chaos = new Chaos(seed, docker, Lab.start(plan));
      chaos.build();
      return chaos;
    } catch (IOException | RuntimeException | Error e) {
      if (docker != null) {
        docker.close();
      }
      throw e;
    }
  }

  private void build() throws IOException {
    try (SourceServer source = lab.source(1)) {
      lab.buildEverywhere("app", source);
    } catch (IOException | RuntimeException | Error e) {
      lab.close();
      throw e;
    }
  }

  /** Arguments: {@code --rounds N --seed S [--victims KIND,...]}. */
  public static void main(String[] arguments) throws Exception {
    int rounds = 0;
    long seed = 0;
    List<Victims.Kind> kinds = List.of(Victims.Kind.values());
    for (int i = 0; i < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--victims" -> kinds = Arrays.stream(value.split(",")).map(Victims.Kind::of).toList();
        default -> throw new IllegalArgumentException("unknown: " + arguments[i]);
      }
    }
    try (Chaos chaos = begin(seed, kinds.contains(Victims.Kind.DOCKERD))) {
      chaos.kill(rounds, kinds);
      System.out.println(rounds + " rounds, all healed, nothing left");
    }
  }

  /** Nothing is killed, and everything is as asked for at the first time. */
  void live(int operations) throws Exception {
    Crowd crowd = crowd(Asking.once());
    timeline.follow(
        seed,
        () -> {
          while (crowd.done() < operations) {
            crowd.act(10);
            crowd.awaitAgreement(SETTLED, this::differences);
          }
          end(crowd);
        });
  }

  /** In every round users do something each, something is killed, and all is well again. */
  void kill(int rounds, List<Victims.Kind> kinds) throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Victims victims = new Victims(lab, docker, random, timeline);
    Crowd crowd = crowd(Asking.again(PATIENCE));
    timeline.follow(
        seed,
        () -> {
          for (int round = 1; round <= rounds; round++) {
            timeline.tell("round " + round, "begins");
            long begin = System.nanoTime();
            List<Victims.Kind> killed = new ArrayList<>();
            crowd.act(ACTS, () -> killed.addAll(victims.kill(kinds)));
            crowd.awaitAgreement(SETTLED, this::differences);
            System.out.printf(
                "round %d of %d: %s, %.1f s%n",
                round, rounds, killed, (System.nanoTime() - begin) / 1e9);
          }
          end(crowd);
        });
  }

  private Crowd crowd(Asking asking) {
    Contents contents = new InDatabases();
    return new Crowd(
        USERS, seed, new Site(lab.client(), contents, HOSTS, RUNTIMES, timeline), asking);
  }

  private void end(Crowd crowd) throws Exception {
    crowd.leave();
    crowd.awaitAgreement(SETTLED, this::differences);
    lab.assertNothingLeft();
    System.out.println(crowd.done() + " operations");
  }

  /** What the machine holds against what the records want. */
  private List<String> differences() throws IOException, InterruptedException {
    return Holdings.differences(lab);
  }

  private static final class InDatabases implements Contents {
    @Override
    public String read(Clone clone) throws SQLException {
      try (Database database = Database.connect(clone.url().reveal())) {
        return database.value("SELECT words FROM note WHERE id = 1");
      }
    }

    @Override
    public void write(Clone clone, String words) throws SQLException {
      try (Database database = Database.connect(clone.url().reveal())) {
        database.execute("UPDATE note SET words = '" + words + "' WHERE id = 1");
      }
    }
  }

  @Override
  public void close() {
    try {
      if (docker != null && !docker.part().isAlive()) {
        docker.start(); // for its containers to be removed
      }
      lab.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (docker != null) {
        docker.close();
      }
    }
  }
}
