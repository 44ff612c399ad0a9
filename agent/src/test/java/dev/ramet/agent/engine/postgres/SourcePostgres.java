package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import dev.ramet.agent.exec.ProcessTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real PostgreSQL 15 with a password, to make images from. */
public final class SourcePostgres {
  static final String BIN = "/usr/lib/postgresql/15/bin/";
  public static final String PASSWORD = "s3cr:et@/x";

  private final Path folder;
  private final int port;
  private final Process server;

  private SourcePostgres(Path folder, int port, Process server) {
    this.folder = folder;
    this.port = port;
    this.server = server;
  }

  public static SourcePostgres start(Path folder, String... settings) throws Exception {
    require();
    Files.createDirectories(folder);
    own(folder);
    Path passwords = folder.resolve("pw");
    Files.writeString(passwords, PASSWORD);
    asPostgres(
        BIN + "initdb",
        "-D",
        folder + "/data",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--auth=scram-sha-256",
        "--pwfile=" + passwords,
        "--no-sync");
    int port = freePort();
    List<String> command = privileged();
    command.addAll(
        List.of(
            BIN + "postgres",
            "-D",
            folder + "/data",
            "-p",
            "" + port,
            "-c",
            "unix_socket_directories=" + folder,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "wal_level=logical",
            "-c",
            "max_connections=120"));
    for (String setting : settings) {
      command.addAll(List.of("-c", setting));
    }
    Process server = Commands.startLogging(new Command(command, Map.of()), folder.resolve("log"));
    SourcePostgres source = new SourcePostgres(folder, port, server);
    source.awaitAnswer();
    return source;
  }

  static void require() {
    if (!Files.isExecutable(Path.of(BIN + "postgres"))) {
      throw new AssertionError("install the package postgresql-15");
    }
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  Path folder() {
    return folder;
  }

  public String url(String database) {
    return "postgres://postgres:s3cr%3Aet%40%2Fx@127.0.0.1:" + port + "/" + database;
  }

  public void sql(String database, String... statements) throws SQLException {
    try (Connection connection = connect("127.0.0.1", port, "postgres", PASSWORD, database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  static Connection connect(String host, int port, String user, String password, String database)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/%s".formatted(host, port, database), user, password);
  }

  public static String query(int port, String user, String password, String database, String sql)
      throws SQLException {
    try (Connection connection = connect("127.0.0.1", port, user, password, database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** A program of PostgreSQL as the superuser. */
  Completed tool(String name, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(BIN + name));
    command.addAll(List.of(arguments));
    return Commands.run(
        new Command(
            command,
            Map.of(
                "PGHOST",
                "127.0.0.1",
                "PGPORT",
                "" + port,
                "PGUSER",
                "postgres",
                "PGPASSWORD",
                PASSWORD)),
        Duration.ofMinutes(2));
  }

  /** Writes that go on until the process is destroyed. */
  Process pgbench(String database) {
    return Commands.startLogging(
        new Command(
            List.of(BIN + "pgbench", "-c", "2", "-T", "120", "-n", database),
            Map.of(
                "PGHOST",
                "127.0.0.1",
                "PGPORT",
                "" + port,
                "PGUSER",
                "postgres",
                "PGPASSWORD",
                PASSWORD)),
        folder.resolve("pgbench.log"));
  }

  static Completed asPostgres(String... command) throws InterruptedException {
    List<String> all = privileged();
    all.addAll(List.of(command));
    Completed result = Commands.run(new Command(all, Map.of()), Duration.ofMinutes(2));
    if (!result.ok()) {
      throw new AssertionError(command[0] + " failed: " + result.output());
    }
    return result;
  }

  static void own(Path path) throws InterruptedException {
    Commands.run(
        Command.of("chown", "-R", "postgres:postgres", path.toString()), Duration.ofMinutes(1));
  }

  private static List<String> privileged() {
    return new ArrayList<>(
        List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
  }

  private void awaitAnswer() throws Exception {
    for (int i = 0; i < 200; i++) {
      try {
        sql("postgres", "SELECT 1");
        return;
      } catch (SQLException e) {
        Thread.sleep(50);
      }
    }
    throw new AssertionError(Files.readString(folder.resolve("log")));
  }

  public void close() throws InterruptedException {
    ProcessTable.killTree(server.pid());
  }
}
