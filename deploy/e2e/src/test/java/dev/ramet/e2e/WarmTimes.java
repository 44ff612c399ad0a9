package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.ImageChange;
import dev.ramet.client.WarmPool;
import java.time.Duration;

/** How long it takes to get a clone that runs already, from the request to its first query. */
final class WarmTimes {
  private static final int WAITING = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Lab lab;
  private final int rounds;

  WarmTimes(Lab lab, int rounds) {
    this.lab = lab;
    this.rounds = rounds;
  }

  void report(BenchReport report) {
    Samples claims = new Samples();
    var unused = lab.client().images().update("app", new ImageChange().warm(WAITING, 0));
    for (int i = 0; i < rounds; i++) {
      awaitReady(WAITING);
      String name = "warm-" + i;
      long begin = System.nanoTime();
      Clone clone = lab.client().clones().create(name, CloneSpec.of("app")).await(PATIENCE);
      FirstQuery.await(clone.url().reveal());
      claims.add(Duration.ofNanos(System.nanoTime() - begin));
      if (!clone.warm()) {
        throw new IllegalStateException("clone " + name + " was made, not taken from the pool");
      }
      lab.delete(name);
    }
    var none = lab.client().images().update("app", new ImageChange().warm(0, 0));
    report.times("warm_claim", "create to first query with a warm pool", claims);
    report.atMost("warm_claim_target", "  against its target", "ms", claims.median(), 30);
  }

  private void awaitReady(int count) {
    Eventually.holds(
        count + " warm clones wait",
        PATIENCE,
        () -> {
          WarmPool pool = lab.client().images().get("app").warm();
          return pool != null && pool.ready() == count;
        });
  }
}
