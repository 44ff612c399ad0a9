package dev.ramet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** A PostgreSQL server to make images of: pgbench's tables, and writes that go on all the time. */
final class SourceServer implements AutoCloseable {
  static final String USER = "shop";

  /** Found nowhere else on the machine, whatever else runs there. */
  static final String PASSWORD = "s3cret-" + UUID.randomUUID();

  static final String WRONG_PASSWORD = "wrong-" + UUID.randomUUID();

  /** All that are ever given for a source. */
  static final List<String> PASSWORDS = List.of(PASSWORD, WRONG_PASSWORD);

  private final Path dir;
  private final Path bin;
  private final Part server;
  private final Part writes;

  private SourceServer(Path dir, Path bin, Part server, Part writes) {
    this.dir = dir;
    this.bin = bin;
    this.server = server;
    this.writes = writes;
  }

  /** Newest PostgreSQL programs of this machine. */
  static Path programs() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .max(Comparator.comparingInt(dir -> Integer.parseInt(dir.getFileName().toString())))
          .orElseThrow()
          .resolve("bin");
    } catch (IOException e) {
      throw new AssertionError("no PostgreSQL programs: install the package postgresql", e);
    }
  }

  static String major() {
    return programs().getParent().getFileName().toString();
  }

  /**
   * @param scale of pgbench's tables, 15 MB each
   */
  static SourceServer start(Path dir, Path logs, int scale) throws IOException {
    return start(dir, logs, scale, false);
  }

  /**
   * @param durable what it acknowledges survives a loss of power
   */
  static SourceServer start(Path dir, Path logs, int scale, boolean durable) throws IOException {
    Path bin = programs();
    Files.createDirectories(dir);
    Files.writeString(dir.resolve("password"), PASSWORD + "\n");
    Command.run("chown", "-R", "postgres:postgres", dir.toString()).orFail();
    int port = Part.freePort();
    asPostgres(
        bin.resolve("initdb").toString(),
        "--pgdata=" + dir.resolve("data"),
        "--username=" + USER,
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        durable ? "--data-checksums" : "--no-sync",
        "--pwfile=" + dir.resolve("password"));
    Part server =
        new Part(
            "source",
            steppedDown(
                bin.resolve("postgres").toString(),
                "-D",
                dir.resolve("data").toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + dir,
                "-c",
                durable ? "fsync=on" : "fsync=off",
                "-c",
                "shared_buffers=64MB"),
            Map.of(),
            port,
            logs.resolve("source.log"));
    Part writes =
        new Part(
            "writes",
            steppedDown(
                bin.resolve("pgbench").toString(),
                "--no-vacuum",
                "--rate=50",
                "--time=3600",
                "-h",
                dir.toString(),
                "-p",
                Integer.toString(port),
                "-U",
                USER,
                "shop"),
            Map.of(),
            port,
            logs.resolve("writes.log"));
    SourceServer source = new SourceServer(dir, bin, server, writes);
    source.fill(scale);
    return source;
  }

  private void fill(int scale) {
    server.start();
    Eventually.holds(
        "the source answers, see " + server.log(),
        Duration.ofSeconds(60),
        () ->
            Command.run(
                        bin.resolve("pg_isready").toString(),
                        "-h",
                        dir.toString(),
                        "-p",
                        "" + port())
                    .exit()
                == 0);
    client("createdb", "shop");
    client("pgbench", "--initialize", "--quiet", "--scale=" + scale, "shop");
    client(
        "psql",
        "-q",
        "-d",
        "shop",
        "-c",
        "CREATE TABLE note (id int PRIMARY KEY, words text); INSERT INTO note VALUES (1, 'from the"
            + " source')");
    writes.start();
  }

  /** A pg_dump of it, at that path. */
  Path dump(Path file, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add("--file=" + dir.resolve("dump.tmp"));
    arguments.add("shop");
    client("pg_dump", arguments.toArray(String[]::new));
    try {
      return Files.move(dir.resolve("dump.tmp"), file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void client(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                bin.resolve(program).toString(),
                "-h",
                dir.toString(),
                "-p",
                Integer.toString(port()),
                "-U",
                USER));
    command.addAll(List.of(arguments));
    asPostgres(command.toArray(String[]::new));
  }

  int port() {
    return server.port();
  }

  String url() {
    return url(PASSWORD);
  }

  String url(String password) {
    return "postgres://" + USER + ":" + password + "@127.0.0.1:" + port() + "/shop";
  }

  /** Through something that stands in front of it. */
  String url(Relay relay) {
    return url().replace(":" + port() + "/", ":" + relay.port() + "/");
  }

  boolean writesGoOn() {
    return writes.isAlive();
  }

  @Override
  public void close() {
    writes.stop();
    server.stop();
  }

  private static void asPostgres(String... command) {
    Command.run(Map.of(), Duration.ofMinutes(2), steppedDown(command)).orFail();
  }

  private static List<String> steppedDown(String... command) {
    List<String> whole =
        new ArrayList<>(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
    whole.addAll(List.of(command));
    return whole;
  }
}
