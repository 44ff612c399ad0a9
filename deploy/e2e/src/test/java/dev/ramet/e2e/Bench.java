package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Revision;
import dev.ramet.client.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The benchmark behind {@code deploy/bench}: everything in one run on one machine, Ramet and the
 * floor in turns, by one warm client.
 */
final class Bench {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Set<String> OF_THE_COORDINATOR = Set.of("place", "record", "call");

  private final Settings settings;
  private final BenchReport report;
  private final Lab lab;
  private final String host;

  private record Settings(
      int rounds,
      int burst,
      int scale,
      int depth,
      int pgbenchSeconds,
      int pgbenchRounds,
      int many) {
    static Settings of(List<String> arguments) {
      int rounds = 20;
      boolean quick = false;
      for (int i = 0; i < arguments.size(); i++) {
        switch (arguments.get(i)) {
          case "--quick" -> quick = true;
          case "--rounds" -> rounds = Integer.parseInt(arguments.get(++i));
          case "--json" -> i++;
          default -> throw new IllegalArgumentException("unknown: " + arguments.get(i));
        }
      }
      return quick
          ? new Settings(3, 4, 2, 4, 2, 1, 20)
          : new Settings(rounds, 20, 68, 50, 8, 5, 1000);
    }
  }

  private Bench(Settings settings, Lab lab, BenchReport report) {
    this.report = report;
    this.settings = settings;
    this.lab = lab;
    this.host = lab.hosts().getFirst();
  }

  /** Arguments: {@code [--quick] [--rounds N] [--json FILE]}. */
  public static void main(String[] arguments) throws Exception {
    List<String> given = List.of(arguments);
    Settings settings = Settings.of(given);
    BenchReport report = new BenchReport();
    Lab.Plan plan = Lab.Plan.of("bench").withHosts(1).withAgentSetting("pool.main.size", "30GiB");
    try (Lab lab = Lab.start(plan)) {
      new Bench(settings, lab, report).run();
    }
    progress(settings.many() + " clones on one host");
    ManyClones.report(report, settings.many(), settings.rounds());
    System.out.print(report.table());
    int json = given.indexOf("--json");
    if (json >= 0) {
      Files.writeString(Path.of(given.get(json + 1)), report.json());
    }
  }

  private void run() throws Exception {
    progress("memory at rest");
    Eventually.pause(Duration.ofSeconds(5));
    report.figure("rss_agent", "memory of the idle agent (RSS)", "MiB", rss(lab.agent(host)));
    report.figure(
        "rss_coordinator",
        "memory of the idle coordinator (RSS)",
        "MiB",
        rss(lab.coordinators().getFirst()));
    try (SourceServer source = lab.source(settings.scale())) {
      progress("an image of " + 15 * settings.scale() + " MB");
      long begin = System.nanoTime();
      lab.buildEverywhere("app", source);
      report.figure(
          "image_build",
          "image build from the live server",
          "s",
          (System.nanoTime() - begin) / 1e9);
      progress("the same in a volume of 1 TiB");
      Part coordinator = lab.coordinators().getFirst();
      coordinator.stop();
      coordinator.set("RAMET_PLACEMENT_VOLUME_MIN_GIB", "1024");
      coordinator.start();
      coordinator.awaitUp(Lab.UP);
      lab.awaitHosts();
      lab.buildEverywhere("huge", source);
    }
    warmUp();
    createToFirstQuery();
    burst();
    commandLine();
    progress("pgbench inside clones and without a volume");
    new Throughput(lab, host, settings.pgbenchSeconds(), settings.pgbenchRounds()).report(report);
    report.figure(
        "rss_agent_after", "memory of the agent after all this (RSS)", "MiB", rss(lab.agent(host)));
    report.figure(
        "rss_coordinator_after",
        "memory of the coordinator after all this (RSS)",
        "MiB",
        rss(lab.coordinators().getFirst()));
  }

  private void warmUp() throws Exception {
    progress("warming up");
    for (String runtime : List.of("process", "docker")) {
      for (int i = 0; i < 3; i++) {
        Clone clone = ramet("warm", runtime).made();
        Files.copy(
            mount(clone).resolve("ramet/postgresql.conf"),
            config(),
            StandardCopyOption.REPLACE_EXISTING);
        lab.delete("warm");
        Floor floor = floor(runtime, "warm");
        floor.measure(SourceServer.USER, "shop");
        floor.remove();
      }
    }
  }

  private void createToFirstQuery() throws Exception {
    Map<String, Samples> byHand = new LinkedHashMap<>();
    Map<String, Samples> byRamet = new LinkedHashMap<>();
    Map<String, Samples> steps = new LinkedHashMap<>();
    Samples own = new Samples();
    Samples deletes = new Samples();
    Map<String, Samples> huge = new LinkedHashMap<>();
    for (int i = 0; i < settings.rounds(); i++) {
      progress("round " + (i + 1) + " of " + settings.rounds());
      for (String runtime : List.of("process", "docker")) {
        Floor floor = floor(runtime, "floor-" + i);
        byHand
            .computeIfAbsent(runtime, r -> new Samples())
            .add(floor.measure(SourceServer.USER, "shop"));
        floor.remove();
        Timed timed = ramet("clone-" + i, runtime);
        byRamet.computeIfAbsent(runtime, r -> new Samples()).add(timed.total());
        Duration onTheHost = Duration.ZERO;
        for (Step step : timed.made().timings()) {
          steps
              .computeIfAbsent(runtime + " " + step.name(), s -> new Samples())
              .add(step.elapsed());
          if (!OF_THE_COORDINATOR.contains(step.name())) {
            onTheHost = onTheHost.plus(step.elapsed());
          }
        }
        own.add(timed.made().totalTime().minus(onTheHost));
        long begin = System.nanoTime();
        lab.delete("clone-" + i);
        deletes.add(Duration.ofNanos(System.nanoTime() - begin));
        huge.computeIfAbsent(runtime, r -> new Samples())
            .add(ramet("huge-" + i, runtime, "huge").total());
        lab.delete("huge-" + i);
      }
    }
    for (String runtime : byRamet.keySet()) {
      Samples floor = byHand.getOrDefault(runtime, new Samples());
      Samples mine = byRamet.getOrDefault(runtime, new Samples());
      report.times("floor_" + runtime, "create to first query by hand, " + runtime, floor);
      report.times("ramet_" + runtime, "create to first query with Ramet, " + runtime, mine);
      report.atMost(
          "ratio_" + runtime,
          "  ratio",
          "x",
          mine.median() / floor.median(),
          runtime.equals("docker") ? 1.25 : 1.5);
      Samples big = huge.getOrDefault(runtime, new Samples());
      report.times("ramet_1tib_" + runtime, "the same of an image of 1 TiB, " + runtime, big);
      report.atMost("growth_" + runtime, "  ratio", "x", big.median() / mine.median(), 1.1);
    }
    steps.forEach((name, samples) ->
        report.times("step_" + name.replace(' ', '_'), "  step: " + name, samples));
    report.times("coordinator_share", "coordinator's own share of a create", own);
    report.atMost("coordinator_share_target", "  against its target", "ms", own.median(), 15);
    report.times("delete", "delete, until everything is released", deletes);
    progress("creates from a warm pool");
    new WarmTimes(lab, settings.rounds()).report(report);
    for (Map.Entry<String, Samples> creates : byRamet.entrySet()) {
      progress("saves, resets and branches, " + creates.getKey());
      new LifeTimes(lab, settings.rounds(), settings.depth())
          .report(report, creates.getKey(), creates.getValue());
    }
  }

  private void burst() throws Exception {
    for (String runtime : List.of("docker", "process")) {
      lab.deleteAllClones();
      progress(settings.burst() + " creates at once, " + runtime);
      Samples each = new Samples();
      long begin = System.nanoTime();
      try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Timed>> all = new ArrayList<>();
        for (int i = 0; i < settings.burst(); i++) {
          String name = "burst-" + i;
          all.add(users.submit(() -> ramet(name, runtime)));
        }
        for (Future<Timed> one : all) {
          each.add(one.get().total());
        }
      }
      String what = settings.burst() + " creates at once, " + runtime;
      report.figure(
          "burst_total_" + runtime,
          what + ": until the last answers",
          "ms",
          (System.nanoTime() - begin) / 1e6);
      report.times("burst_each_" + runtime, what + ": each", each);
    }
    progress("clone ls");
    commandLine(
        "cli_ls", "bin/ramet clone ls (" + settings.burst() + " clones), wall", 300, "clone", "ls");
    lab.deleteAllClones();
  }

  private void commandLine() {
    progress("command line");
    commandLine("cli_version", "bin/ramet --version, wall", Double.NaN, "--version");
  }

  private void commandLine(String key, String what, double limit, String... arguments) {
    Samples samples = new Samples();
    for (int i = 0; i < settings.rounds() + 2; i++) {
      long begin = System.nanoTime();
      lab.cli(arguments).orFail();
      if (i >= 2) {
        samples.add(Duration.ofNanos(System.nanoTime() - begin));
      }
    }
    report.times(key, what, samples);
    if (!Double.isNaN(limit)) {
      report.atMost(key + "_target", "  against its target", "ms", samples.median(), limit);
    }
  }

  private record Timed(Clone made, Duration total) {}

  /** From the request to the first query answered over a connection of the user's own. */
  private Timed ramet(String name, String runtime) {
    return ramet(name, runtime, "app");
  }

  private Timed ramet(String name, String runtime, String image) {
    long begin = System.nanoTime();
    Clone clone =
        lab.client()
            .clones()
            .create(name, CloneSpec.of(image).withRuntime(runtime))
            .await(PATIENCE);
    FirstQuery.await(clone.url().reveal());
    return new Timed(clone, Duration.ofNanos(System.nanoTime() - begin));
  }

  private Floor floor(String runtime, String name) throws IOException {
    Revision revision = lab.client().images().getRevision("app", 0);
    try (Stream<Path> snapshots = Files.list(lab.pool(host).resolve("snapshots"))) {
      Path snapshot =
          snapshots
              .filter(file ->
                  file.getFileName().toString().startsWith("app." + revision.number() + "."))
              .findAny()
              .orElseThrow();
      return new Floor(
          snapshot,
          config(),
          lab.pool(host).resolve("floor"),
          runtime,
          "floor-" + host + "-" + name);
    }
  }

  private Path mount(Clone clone) {
    return lab.pool(host).resolve("mnt").resolve(clone.name() + "." + clone.uid());
  }

  /** Settings of a clone, for the floor. */
  private Path config() {
    return lab.dir().resolve("floor.conf");
  }

  static double rss(Part part) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + part.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new AssertionError("no VmRSS of " + part.name());
  }

  private static void progress(String what) {
    System.err.println("bench: " + what);
  }
}
