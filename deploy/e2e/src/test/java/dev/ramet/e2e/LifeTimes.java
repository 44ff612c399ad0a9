package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Clones;
import java.time.Duration;

/** How long the verbs of a clone's life take: saves, resets, branches of branches. */
final class LifeTimes {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Lab lab;
  private final int rounds;
  private final int depth;

  /**
   * Measures nothing yet.
   *
   * @param depth of branches made from branches
   */
  LifeTimes(Lab lab, int rounds, int depth) {
    this.lab = lab;
    this.rounds = rounds;
    this.depth = depth;
  }

  void report(BenchReport report, String runtime, Samples creates) {
    Clones clones = lab.client().clones();
    Samples saves = new Samples();
    Samples resets = new Samples();
    Samples restores = new Samples();
    Samples restarts = new Samples();
    Clone clone = create("life", CloneSpec.of("app").withRuntime(runtime));
    for (int i = 0; i < rounds; i++) {
      String save = "save-" + i;
      saves.add(time(() -> clones.save("life", save, "")));
      resets.add(
          time(() -> {
            clones.reset("life", "app:1", Duration.ZERO, true).await(PATIENCE);
            FirstQuery.await(clone.url().reveal());
          }));
      restores.add(
          time(() -> {
            clones.reset("life", "life@" + save, Duration.ZERO, true).await(PATIENCE);
            FirstQuery.await(clone.url().reveal());
          }));
      restarts.add(
          time(() -> {
            clones.restart("life", true).await(PATIENCE);
            FirstQuery.await(clone.url().reveal());
          }));
      clones.deleteSave("life", save);
    }
    report.times("save_" + runtime, "save of a running clone, " + runtime, saves);
    report.times("restart_" + runtime, "restart to first query, " + runtime, restarts);
    report.times("restore_" + runtime, "restore to first query, " + runtime, restores);
    report.times("reset_" + runtime, "reset to first query, " + runtime, resets);
    report.atMost(
        "reset_ratio_" + runtime,
        "  against a create",
        "x",
        resets.median() / creates.median(),
        1.3);
    branches(report, runtime);
    lab.deleteAllClones();
  }

  /**
   * A clone of a save of a clone of a save ...; each is stopped as soon as the next one is made.
   */
  private void branches(BenchReport report, String runtime) {
    Clones clones = lab.client().clones();
    String from = "life";
    Samples first = new Samples();
    Samples last = new Samples();
    for (int level = 1; level <= depth; level++) {
      String save = clones.save(from, "branch", "").reference();
      String name = "branch-" + level;
      Duration took =
          time(() -> {
            Clone made = create(name, CloneSpec.from(save).withRuntime(runtime));
            FirstQuery.await(made.url().reveal());
          });
      (level <= (depth + 1) / 2 ? first : last).add(took);
      clones.stop(from, true).await(PATIENCE);
      from = name;
    }
    report.times(
        "branch_shallow_" + runtime, "branch of a branch, upper half of the levels", first);
    report.times("branch_deep_" + runtime, "  lower half, down to level " + depth, last);
    report.atMost("branch_growth_" + runtime, "  ratio", "x", last.median() / first.median(), 1.2);
  }

  private Clone create(String name, CloneSpec spec) {
    return lab.client().clones().create(name, spec).await(PATIENCE);
  }

  private static Duration time(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
