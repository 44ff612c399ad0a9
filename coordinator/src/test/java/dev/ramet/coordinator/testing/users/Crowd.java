package dev.ramet.coordinator.testing.users;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Several users at the same time. */
public final class Crowd {
  private final List<User> users = new ArrayList<>();
  private final Site site;

  /** Users whose choices all follow from one seed. */
  public Crowd(int size, long seed, Site site, Asking asking) {
    this.site = site;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int i = 0; i < size; i++) {
      users.add(new User("u" + i, random.nextLong(), site, asking));
    }
  }

  public int done() {
    return users.stream().mapToInt(User::done).sum();
  }

  /** How many of their clones were warm ones. */
  public int claims() {
    return users.stream().mapToInt(User::claims).sum();
  }

  /** Each does so many things; returns when all have. */
  public void act(int times) throws Exception {
    act(times, () -> null);
  }

  /** Meanwhile something else is done; returns, or throws, when all have ended. */
  public void act(int times, Callable<?> meanwhile) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      users.forEach(user -> work.add(threads.submit(() -> user.act(times))));
      meanwhile.call();
      await(work);
    }
  }

  public void leave() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      users.forEach(user -> work.add(threads.submit(user::leave)));
      await(work);
    }
  }

  private static void await(List<Future<?>> work) throws Exception {
    for (Future<?> one : work) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause().getMessage(), e.getCause());
      }
    }
  }

  /**
   * Waits until everything has come to rest as the users' models have it, and what agents say that
   * their hosts hold is what the records want.
   *
   * @param hosts what hosts hold that they should not, or lack, as they are themselves; empty: all
   *     is well
   */
  public void awaitAgreement(Duration within, Callable<List<String>> hosts) throws Exception {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      List<String> found = differences(hosts);
      if (found.isEmpty()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "not at rest within %d s: %s".formatted(within.toSeconds(), String.join("; ", found)));
      }
      Thread.sleep(Duration.ofMillis(50));
    }
  }

  private List<String> differences(Callable<List<String>> hosts) {
    List<String> found = new ArrayList<>();
    try {
      users.forEach(user -> found.addAll(user.differences()));
      site.client().admin().check("").hosts().stream()
          .filter(check -> !check.agrees())
          .forEach(check -> found.add("admin check: " + check));
      found.addAll(hosts.call());
    } catch (AssertionError e) {
      throw e;
    } catch (Exception e) {
      found.add(e.toString());
    }
    return found;
  }
}
