package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last steps of every load: check, prepare for clones, shut down, write the manifest. */
final class Finish {
  private final LoadContext context;
  private final PrivateServer server;
  private final String wantedDatabase;

  /**
   * For one load.
   *
   * @param wantedDatabase must be there; empty: the largest
   */
  Finish(LoadContext context, PrivateServer server, String wantedDatabase) {
    this.context = context;
    this.server = server;
    this.wantedDatabase = wantedDatabase;
  }

  /** Leaves the volume complete and the server stopped. */
  LoadResult run(String request, String superuser, Map<String, String> settings)
      throws InterruptedException {
    Map<String, Long> sizes = new LinkedHashMap<>();
    String current = "template1";
    context.listener().progress("check", 0, 0);
    try {
      sizes = databases();
      context.listener().progress("prepare", 0, 0);
      for (String name : sizes.keySet()) {
        current = name;
        prepare(name);
      }
      current = "template1";
      dropSlotsAndCheckpoint();
    } catch (SQLException e) {
      throw new AgentException(
          AgentError.LOAD_FAILED,
          "database '%s' of the copy cannot be used: %s".formatted(current, e.getMessage()),
          server.log(),
          Map.of(),
          e);
    }
    Map<String, Long> connectable = new LinkedHashMap<>(sizes);
    connectable.remove("template1");
    String database = choose(connectable);
    context.listener().progress("shutdown", 0, 0);
    server.stop();
    cleanUp();
    long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
    Manifest manifest =
        new Manifest(
            context.programs().version(),
            request,
            superuser,
            database,
            List.copyOf(connectable.keySet()),
            bytes,
            settings);
    manifest.write(context.layout());
    return PostgresEngine.result(manifest);
  }

  /** Name to size of all that can be connected to, the largest first. */
  private Map<String, Long> databases() throws SQLException {
    Map<String, Long> sizes = new LinkedHashMap<>();
    try (Connection connection = server.connect("template1");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT datname, pg_database_size(oid) FROM pg_database"
                    + " WHERE datallowconn AND (NOT datistemplate OR datname = 'template1')"
                    + " ORDER BY 2 DESC, 1")) {
      while (rows.next()) {
        sizes.put(rows.getString(1), rows.getLong(2));
      }
    }
    return sizes;
  }

  /** Reads its catalog, which fails where the host lacks its locale, and cuts subscriptions off. */
  private void prepare(String database) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      List<String> subscriptions = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT quote_ident(subname) FROM pg_subscription WHERE subdbid ="
                  + " (SELECT oid FROM pg_database WHERE datname = current_database())")) {
        while (rows.next()) {
          subscriptions.add(rows.getString(1));
        }
      }
      for (String subscription : subscriptions) {
        // A clone must never reach production's publisher, not even when it drops the subscription.
        statement.execute("ALTER SUBSCRIPTION " + subscription + " DISABLE");
        statement.execute("ALTER SUBSCRIPTION " + subscription + " SET (slot_name = NONE)");
      }
      statement.execute("SELECT count(*) FROM pg_class");
    }
  }

  private void dropSlotsAndCheckpoint() throws SQLException {
    try (Connection connection = server.connect("template1");
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
      statement.execute("CHECKPOINT");
    }
  }

  private String choose(Map<String, Long> largestFirst) {
    if (!wantedDatabase.isEmpty()) {
      if (!largestFirst.containsKey(wantedDatabase)) {
        throw new AgentException(
            AgentError.SOURCE_NOT_FOUND,
            "the source has no database '%s': it has %s"
                .formatted(wantedDatabase, largestFirst.keySet()));
      }
      return wantedDatabase;
    }
    return largestFirst.keySet().stream()
        .filter(name -> !name.equals("postgres") || largestFirst.size() == 1)
        .findFirst()
        .orElse("template1");
  }

  /** What only the load needed goes; freed blocks are given back to the pool; all is synced. */
  private void cleanUp() throws InterruptedException {
    VolumeLayout layout = context.layout();
    VolumeLayout.removeTree(layout.load());
    VolumeLayout.emptyFolder(layout.log());
    VolumeLayout.emptyFolder(layout.run());
    try {
      for (String name : List.of("backup_label.old", "tablespace_map.old", "postmaster.opts")) {
        Files.deleteIfExists(layout.data().resolve(name));
      }
    } catch (IOException e) {
      throw VolumeLayout.failure("clean", layout.data(), e);
    }
    trim(layout.root());
    Completed synced =
        Commands.run(
            Command.of("sync", "--file-system", layout.root().toString()), Duration.ofHours(1));
    if (!synced.ok()) {
      throw new AgentException(
          AgentError.IO, "cannot sync " + layout.root() + ": " + synced.output(), synced.output());
    }
  }

  private static void trim(Path root) throws InterruptedException {
    Path parent = root.getParent();
    try {
      boolean ownFileSystem =
          parent != null
              && !Files.getAttribute(root, "unix:dev")
                  .equals(Files.getAttribute(parent, "unix:dev"));
      if (!ownFileSystem) {
        return;
      }
    } catch (IOException e) {
      throw VolumeLayout.failure("look at", root, e);
    }
    // Only saves space: a file system that cannot do it is as good.
    Commands.run(Command.of("fstrim", root.toString()), Duration.ofMinutes(10));
  }
}
