package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Restores an archive of pg_dump by {@code pg_restore}, in parallel where its format allows it. */
final class ArchiveRestore {
  private static final Pattern CREATE_DATABASE =
      Pattern.compile("^CREATE DATABASE (\"(?:[^\"]|\"\")+\"|[^ ]+) .*;$");
  private static final Set<String> ALWAYS_THERE = Set.of("postgres", "template1", "template0");

  private final LoadContext context;
  private final Archive archive;
  private final PrivateServer server;

  ArchiveRestore(LoadContext context, Archive archive, PrivateServer server) {
    this.context = context;
    this.archive = archive;
    this.server = server;
  }

  void run() throws SQLException, InterruptedException {
    String statement = scan();
    Matcher create = CREATE_DATABASE.matcher(statement);
    if (!create.matches()) {
      throw new AgentException(
          AgentError.LOAD_FAILED, "the archive does not say which database it holds");
    }
    String name = create.group(1).replaceFirst("^\"(.*)\"$", "$1").replace("\"\"", "\"");
    if (ALWAYS_THERE.contains(name)) {
      restore(List.of("--dbname=" + SqlNames.connectionString(name)));
    } else if (canCreate(statement, name)) {
      restore(List.of("--create", "--dbname=postgres"));
    } else {
      // Its locale is not on this host: the next best is the instance's own, C.UTF-8.
      execute("CREATE DATABASE " + SqlNames.quote(name) + " TEMPLATE template0");
      restore(List.of("--dbname=" + SqlNames.connectionString(name)));
    }
  }

  /** What a client on this volume connects by. */
  static Map<String, String> connection(LoadContext context) {
    String inside = context.inside(VolumeLayout.RUN);
    Path onHost = context.layout().run();
    // Only on the host itself can the path be too long; a container sees a short one.
    String folder =
        inside.equals(onHost.toString()) ? LocalConnection.reachable(onHost).toString() : inside;
    return Map.of(
        "PGHOST",
        folder,
        "PGPORT",
        Integer.toString(PrivateServer.PORT),
        "PGUSER",
        DumpRestore.SUPERUSER);
  }

  static List<String> databases(PrivateServer server) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = server.connect("template1");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT datname FROM pg_database WHERE datallowconn")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  /**
   * Makes the roles and tablespaces that the archive needs; the statement that makes its database.
   */
  private String scan() throws SQLException, InterruptedException {
    AtomicReference<String> create = new AtomicReference<>("");
    AtomicReference<AgentException> failure = new AtomicReference<>();
    LineTail tail = new LineTail();
    int exitCode;
    try (Connection connection = server.connect("template1")) {
      DumpRestore.Prerequisites prerequisites = new DumpRestore.Prerequisites(connection, true);
      exitCode =
          context.runReading(
              archive.files(),
              List.of("pg_restore", "--create", "--schema-only", "--file=-", place()),
              Map.of(),
              line -> {
                if (line.startsWith("CREATE DATABASE ")) {
                  create.compareAndSet("", line);
                }
                try {
                  prerequisites.accept(line);
                } catch (AgentException e) {
                  failure.compareAndSet(null, e);
                }
              },
              tail);
    }
    if (exitCode != 0) {
      throw LoadFailure.of(context, "reading the archive", exitCode, tail.lines());
    }
    AgentException refused = failure.get();
    if (refused != null) {
      throw refused;
    }
    return String.valueOf(create.get());
  }

  private boolean canCreate(String statement, String name) throws SQLException {
    try {
      execute(statement.replaceFirst(" TABLESPACE = .*;$", ";"));
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains("locale")) {
        return false;
      }
      throw e;
    }
    execute("DROP DATABASE " + SqlNames.quote(name));
    return true;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = server.connect("template1");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void restore(List<String> target) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("pg_restore", "--exit-on-error"));
    if (archive.parallel()) {
      command.add("--jobs=" + Runtime.getRuntime().availableProcessors());
    }
    command.addAll(target);
    command.add(place());
    LineTail tail = new LineTail();
    int exitCode = context.runReading(archive.files(), command, connection(context), tail, tail);
    if (exitCode != 0) {
      throw LoadFailure.of(context, "pg_restore", exitCode, tail.lines());
    }
  }

  private String place() {
    return archive.onHost()
        ? context.runtime().inside(Path.of(archive.place()))
        : context.inside(archive.place());
  }

  /**
   * Where pg_restore finds it.
   *
   * @param place on the host, or in the volume
   * @param onHost which of the two
   * @param parallel whether its format can be restored by several jobs
   */
  record Archive(String place, boolean onHost, boolean parallel) {
    static Archive ofHost(Path path, boolean parallel) {
      return new Archive(path.toString(), true, parallel);
    }

    static Archive ofVolume(String relative, boolean parallel) {
      return new Archive(relative, false, parallel);
    }

    List<Path> files() {
      return onHost ? List.of(Path.of(place)) : List.of();
    }
  }
}
