package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.Activity;
import dev.ramet.agent.engine.ClientConnection;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A clone's server while it runs, asked over a short connection that it does not count as use. An
 * interrupt of the calling thread closes the connection.
 */
final class RunningServer {
  /** {@code invalid_catalog_name}, {@code object_not_in_prerequisite_state}: not this database. */
  private static final Set<String> NOT_THERE = Set.of("3D000", "55000");

  /** The first with {@code active_time} and {@code sessions} in {@code pg_stat_database}. */
  private static final int COUNTS_ACTIVE_TIME = 14;

  /**
   * Clients' time in statements, microseconds. Transactions would not do: autovacuum's count as
   * well, every minute, and so would ours.
   */
  private static final String ACTIVE_TIME =
      "SELECT COALESCE(sum(round((active_time * 1000)::pg_catalog.numeric)), 0)::pg_catalog.int8"
          + " FROM pg_catalog.pg_stat_database";

  /** Before 14 there is nothing better; autovacuum makes it look used now and then. */
  private static final String TRANSACTIONS =
      "SELECT COALESCE(sum(xact_commit + xact_rollback), 0)::pg_catalog.int8"
          + " FROM pg_catalog.pg_stat_database";

  /** All but the agent's own: those come by the socket, which nobody else has this name on. */
  private static final String CLIENTS =
      """
      SELECT COALESCE(pg_catalog.host(client_addr), ''), COALESCE(usename, ''),
        COALESCE(datname, ''), COALESCE(application_name, ''),
        (extract(epoch FROM backend_start) * 1000000)::pg_catalog.int8,
        (extract(epoch FROM query_start) * 1000000)::pg_catalog.int8,
        COALESCE(state, '')
      FROM pg_catalog.pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
        AND NOT (client_addr IS NULL AND application_name = '%s')
      ORDER BY backend_start, pid\
      """
          .formatted(LocalConnection.APPLICATION);

  private static final Set<String> RUNNING = Set.of("active", "fastpath function call");

  private final VolumeLayout layout;
  private final int port;
  private final Manifest manifest;

  RunningServer(VolumeLayout layout, int port, Manifest manifest) {
    this.layout = layout;
    this.port = ServerCommand.socketPort(port);
    this.manifest = manifest;
  }

  void checkpoint() throws InterruptedException {
    ask(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute("CHECKPOINT");
      }
    });
  }

  /** A connection is ready for queries when it is open: its user and database were looked up. */
  void requireAnswer() throws InterruptedException {
    boolean _ = ask(_ -> true);
  }

  Activity activity() throws InterruptedException {
    return ask(connection -> {
      List<ClientConnection> clients = clients(connection);
      long running = clients.stream().filter(client -> RUNNING.contains(client.state())).count();
      return new Activity(clients, use(connection), (int) running);
    });
  }

  private static List<ClientConnection> clients(Connection connection) throws SQLException {
    List<ClientConnection> clients = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(CLIENTS)) {
      while (rows.next()) {
        clients.add(
            new ClientConnection(
                rows.getString(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                instant(rows.getLong(5)),
                lastQuery(rows),
                rows.getString(7)));
      }
    }
    return clients;
  }

  private static @Nullable Instant lastQuery(ResultSet row) throws SQLException {
    long micros = row.getLong(6);
    return row.wasNull() ? null : instant(micros);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static long use(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(version < COUNTS_ACTIVE_TIME ? TRANSACTIONS : ACTIVE_TIME)) {
      row.next();
      return row.getLong(1);
    }
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private <T> T ask(Question<T> question) throws InterruptedException {
    try (Connection connection = connect()) {
      return question.ask(connection);
    } catch (SQLException e) {
      if (Thread.interrupted()) {
        InterruptedException interrupted = new InterruptedException("the question was given up");
        interrupted.initCause(e);
        throw interrupted;
      }
      throw new AgentException(
          AgentError.INSTANCE_NOT_READY,
          "the server on %s does not answer: %s".formatted(layout.root(), e.getMessage()),
          e);
    }
  }

  /** To the database that users are least likely to drop, or to want nobody in. */
  private Connection connect() throws SQLException {
    Iterator<String> databases =
        new LinkedHashSet<>(List.of("postgres", "template1", manifest.database())).iterator();
    while (true) {
      try {
        return LocalConnection.openUncounted(
            layout.run(), port, manifest.superuser(), databases.next());
      } catch (SQLException e) {
        if (!databases.hasNext() || !NOT_THERE.contains(String.valueOf(e.getSQLState()))) {
          throw e;
        }
      }
    }
  }
}
