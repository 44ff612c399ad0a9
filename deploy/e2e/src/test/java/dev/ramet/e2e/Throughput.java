package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * pgbench in turns on the same database: on the host's own file system, on that of the pool, in a
 * new clone, whose writes are the first to each block, in the same clone once more, and once more
 * through a proxy.
 */
final class Throughput {
  private static final Pattern TPS =
      Pattern.compile("tps = ([0-9.]+) \\(without initial connection time\\)");

  private final Lab lab;
  private final String host;
  private final int seconds;
  private final int rounds;
  private final Samples onTheHost = new Samples();
  private final Samples inThePool = new Samples();
  private final Samples inANewClone = new Samples();
  private final Samples inTheSame = new Samples();
  private final Samples throughAProxy = new Samples();

  Throughput(Lab lab, String host, int seconds, int rounds) {
    this.lab = lab;
    this.host = host;
    this.seconds = seconds;
    this.rounds = rounds;
  }

  void report(BenchReport report) throws Exception {
    BarePostgres ofTheHost = bare(lab.dir().resolve("bare"));
    BarePostgres ofThePool = bare(lab.pool(host).resolve("bare"));
    for (int i = 0; i < rounds; i++) {
      onTheHost.add(pgbench(ofTheHost));
      inThePool.add(pgbench(ofThePool));
      Clone clone = create("new");
      inANewClone.add(pgbench(clone));
      inTheSame.add(pgbench(clone));
      throughAProxy.add(throughAProxy(clone));
      lab.delete("new");
    }
    report.figure("pgbench_host", "pgbench on the host's file system", "tps", onTheHost.median());
    report.figure("pgbench_pool", "pgbench on the pool's file system", "tps", inThePool.median());
    report.figure("pgbench_new", "pgbench in a new clone", "tps", inANewClone.median());
    report.figure("pgbench_clone", "pgbench in the same clone again", "tps", inTheSame.median());
    report.atLeast("pgbench_ratio", "  ratio to the host's", "x", ratio(inTheSame, onTheHost), 0.9);
    report.figure("pgbench_ratio_pool", "  ratio to the pool's", "x", ratio(inTheSame, inThePool));
    report.figure(
        "pgbench_ratio_new",
        "  ratio to the pool's, in a new clone",
        "x",
        ratio(inANewClone, inThePool));
    report.figure(
        "pgbench_proxy", "pgbench in it through ramet proxy", "tps", throughAProxy.median());
    report.atLeast(
        "pgbench_ratio_proxy",
        "  ratio to the same without",
        "x",
        ratio(throughAProxy, inTheSame),
        0.8);
  }

  private static double ratio(Samples one, Samples other) {
    return one.median() / other.median();
  }

  private Clone create(String name) {
    return lab.client()
        .clones()
        .create(name, CloneSpec.of("app").withRuntime("process"))
        .await(Duration.ofMinutes(2));
  }

  /** The database of a clone, copied while nobody writes. */
  private BarePostgres bare(Path directory) throws Exception {
    Clone clone = create("copied");
    Path volume = lab.pool(host).resolve("mnt").resolve(clone.name() + "." + clone.uid());
    try (Database database = Database.connect(clone.url().reveal())) {
      database.execute("CHECKPOINT");
    }
    Files.createDirectories(directory);
    Command.run("cp", "-a", volume.resolve("ramet").toString(), directory.toString()).orFail();
    BarePostgres bare = new BarePostgres(directory, volume, clone);
    lab.delete("copied");
    return bare;
  }

  /** Only one server at a time takes memory and writes in the background. */
  private double pgbench(BarePostgres server) {
    server.start();
    try {
      return pgbench(server.port(), server.copied());
    } finally {
      server.stop();
    }
  }

  private double pgbench(Clone clone) {
    return pgbench(clone.endpoint().port(), clone);
  }

  private double throughAProxy(Clone clone) {
    int port = Part.freePort();
    Part proxy = lab.proxy(clone.name(), port);
    proxy.start();
    try {
      proxy.awaitUp(Duration.ofSeconds(30));
      return pgbench(port, clone);
    } finally {
      proxy.stop();
    }
  }

  private double pgbench(int port, Clone clone) {
    Command run =
        Command.run(
                Map.of("PGPASSWORD", clone.password().reveal()),
                Duration.ofMinutes(3),
                List.of(
                    SourceServer.programs().resolve("pgbench").toString(),
                    "--client=4",
                    "--jobs=2",
                    "--time=" + seconds,
                    "--no-vacuum",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(port),
                    "-U",
                    clone.user(),
                    clone.database()))
            .orFail();
    Matcher tps = TPS.matcher(run.out());
    if (!tps.find()) {
      throw new AssertionError("pgbench said: " + run.out());
    }
    return Double.parseDouble(tps.group(1));
  }
}
