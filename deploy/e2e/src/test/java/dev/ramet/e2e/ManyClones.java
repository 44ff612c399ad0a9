package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Clones;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * One host that holds very many clones, most of them stopped: what a create, the idle programs and
 * a list cost by then, and how long it takes until all that ran runs again after a loss of power.
 */
final class ManyClones {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int AT_ONCE = 4;
  private static final int BLOCKS = 4;
  private static final int LISTS = 5;
  private static final int MAX_RUNNING = 400;

  /** Running clones leave this part of the memory free. */
  private static final double FREE = 0.2;

  private final Lab lab;
  private final int count;
  private final int rounds;
  private final Clones clones;
  private final Duration rest;
  private int made;

  private ManyClones(Lab lab, int count, int rounds) {
    this.lab = lab;
    this.count = count;
    this.rounds = rounds;
    this.rest = Duration.ofSeconds(Math.clamp(count / 50, 2, 20));
    this.clones = lab.client().clones();
  }

  /**
   * In an installation of its own.
   *
   * @param count of stopped clones
   * @param rounds of creates that are timed one by one, at each number of clones
   */
  static void report(BenchReport report, int count, int rounds) throws Exception {
    Lab.Plan plan =
        Lab.Plan.of("many")
            .withHosts(1)
            .withAgentSetting("pool.main.size", "40GiB")
            .withAgentSetting("database.ports", Lab.ports(count + (BLOCKS + 1) * rounds));
    try (Lab lab = Lab.start(plan)) {
      try (SourceServer source = lab.source(1)) {
        lab.buildEverywhere("app", source);
      }
      new ManyClones(lab, count, rounds).run(report);
    }
  }

  private void run(BenchReport report) throws Exception {
    for (int block = 0; block < BLOCKS; block++) {
      creates(report, count * block / BLOCKS);
      int missing = count * (block + 1) / BLOCKS - made;
      each(names(made, missing), this::makeAndStop);
      made += Math.max(0, missing);
    }
    creates(report, made);
    atRest(report, "stopped", made + " stopped clones");
    lists(report);
    List<String> running = startAsManyAsFit();
    report.figure(
        "many_running", "process clones that run then, a fifth of memory free", "", running.size());
    atRest(report, "running", running.size() + " running ones beside them");
    heal(report, running);
  }

  /** One by one; each is stopped afterwards. */
  private void creates(BenchReport report, int before) {
    Samples samples = new Samples();
    for (int i = 0; i < rounds; i++) {
      String name = "many-" + made++;
      long begin = System.nanoTime();
      Clone clone = make(name);
      FirstQuery.await(clone.url().reveal());
      samples.add(Duration.ofNanos(System.nanoTime() - begin));
      stop(name);
    }
    report.times(
        "many_create_" + before,
        "create to first query beside %d clones".formatted(before),
        samples);
  }

  private void makeAndStop(String name) {
    Clone unused = make(name);
    stop(name);
  }

  private Clone make(String name) {
    return clones.create(name, CloneSpec.of("app").withRuntime("process")).await(PATIENCE);
  }

  private void stop(String name) {
    Clone unused = clones.stop(name, true).await(PATIENCE);
  }

  private void atRest(BenchReport report, String key, String what) throws IOException {
    Part agent = lab.agent(lab.hosts().getFirst());
    Part coordinator = lab.coordinators().getFirst();
    Duration agentBefore = cpu(agent);
    Duration coordinatorBefore = cpu(coordinator);
    Eventually.pause(rest);
    report.figure(
        "many_cpu_agent_" + key, "agent at rest, " + what, "% CPU", share(agent, agentBefore));
    report.figure(
        "many_cpu_coordinator_" + key,
        "coordinator at rest, " + what,
        "% CPU",
        share(coordinator, coordinatorBefore));
    report.figure("many_rss_agent_" + key, "  memory of the agent (RSS)", "MiB", Bench.rss(agent));
    report.figure(
        "many_rss_coordinator_" + key,
        "  memory of the coordinator (RSS)",
        "MiB",
        Bench.rss(coordinator));
  }

  private static Duration cpu(Part part) {
    return ProcessHandle.of(part.pid()).flatMap(p -> p.info().totalCpuDuration()).orElseThrow();
  }

  private double share(Part part, Duration before) {
    return 100.0 * cpu(part).minus(before).toNanos() / rest.toNanos();
  }

  private void lists(BenchReport report) {
    Samples samples = new Samples();
    for (int i = 0; i < LISTS; i++) {
      long begin = System.nanoTime();
      lab.cli("clone", "ls").orFail();
      samples.add(Duration.ofNanos(System.nanoTime() - begin));
    }
    report.times("many_ls", "bin/ramet clone ls with %d clones, wall".formatted(made), samples);
  }

  private List<String> startAsManyAsFit() throws Exception {
    List<String> running = new ArrayList<>();
    while (running.size() < Math.min(made, MAX_RUNNING) && freeMemory() > FREE) {
      List<String> next = names(running.size(), Math.min(AT_ONCE, made - running.size()));
      each(
          next,
          name -> {
            Clone unused = clones.start(name).await(PATIENCE);
          });
      running.addAll(next);
    }
    return running;
  }

  private static double freeMemory() throws IOException {
    double available = 0;
    double total = 1;
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      double kib = Double.parseDouble(line.replaceAll("[^0-9]", ""));
      if (line.startsWith("MemTotal:")) {
        total = kib;
      } else if (line.startsWith("MemAvailable:")) {
        available = kib;
      }
    }
    return available / total;
  }

  private void heal(BenchReport report, List<String> running) throws Exception {
    List<String> urls = running.stream().map(name -> clones.get(name).url().reveal()).toList();
    String host = lab.hosts().getFirst();
    lab.reboot(host);
    long begin = System.nanoTime();
    lab.agent(host).start();
    urls.forEach(FirstQuery::await);
    report.figure(
        "many_heal",
        "from the start of the agent until all %d answer again".formatted(running.size()),
        "s",
        (System.nanoTime() - begin) / 1e9);
  }

  private static List<String> names(int first, int count) {
    List<String> names = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      names.add("many-" + i);
    }
    return names;
  }

  private static void each(List<String> names, Consumer<String> work) throws Exception {
    try (ExecutorService users = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> all = new ArrayList<>();
      names.forEach(name -> all.add(users.submit(() -> work.accept(name))));
      for (Future<?> one : all) {
        one.get();
      }
    }
  }
}
