package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Waits for a server on one of our volumes until it answers a query.
 *
 * <p>The server writes into {@code postmaster.pid} when it takes connections; looking there costs
 * microseconds, and spares it the failed connections that would slow its start.
 */
final class Readiness {
  private static final int STATUS_LINE = 7;
  private static final Duration BETWEEN_LIFE_SIGNS = Duration.ofMillis(100);

  private final VolumeLayout layout;
  private final int port;
  private final String superuser;
  private final String database;
  private final BooleanSupplier alive;

  Readiness(
      VolumeLayout layout, int port, String superuser, String database, BooleanSupplier alive) {
    this.layout = layout;
    this.port = port;
    this.superuser = superuser;
    this.database = database;
    this.alive = alive;
  }

  /** A connection that has answered a query; the caller closes it. */
  Connection await(Duration timeout) throws InterruptedException {
    return await(timeout, this::connect);
  }

  /** Waits until it takes connections, and makes none. */
  void awaitOpen(Duration timeout) throws InterruptedException {
    await(timeout, _ -> layout);
  }

  private <T> T await(Duration timeout, Attempt<T> attempt) throws InterruptedException {
    long began = System.nanoTime();
    long deadline = began + timeout.toNanos();
    long nextLifeSign = began + BETWEEN_LIFE_SIGNS.toNanos();
    String last = "it took no connections";
    while (true) {
      if (takesConnections()) {
        try {
          return attempt.within(Duration.ofNanos(deadline - System.nanoTime()));
        } catch (SQLException e) {
          last = String.valueOf(e.getMessage());
        }
      }
      long now = System.nanoTime();
      if (now >= nextLifeSign) {
        if (!alive.getAsBoolean()) {
          throw new AgentException(
              AgentError.INSTANCE_DIED, "the server ended before it answered a query");
        }
        nextLifeSign = now + BETWEEN_LIFE_SIGNS.toNanos();
      }
      if (now >= deadline) {
        throw new AgentException(
            AgentError.INSTANCE_NOT_READY,
            "the server answered no query within %d s: %s".formatted(timeout.toSeconds(), last));
      }
      Thread.sleep(pause(now - began));
    }
  }

  /** What is tried with a server that takes connections. */
  @FunctionalInterface
  private interface Attempt<T> {
    T within(Duration timeout) throws SQLException, InterruptedException;
  }

  private boolean takesConnections() {
    try {
      List<String> lines = Files.readAllLines(layout.postmasterPid(), StandardCharsets.ISO_8859_1);
      return lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
    } catch (IOException e) {
      return false;
    }
  }

  /** On a thread of its own: a server that accepts and then says nothing must not hold us. */
  private Connection connect(Duration timeout) throws SQLException, InterruptedException {
    AtomicReference<Connection> result = new AtomicReference<>();
    AtomicReference<SQLException> failure = new AtomicReference<>();
    Thread attempt =
        Thread.ofVirtual()
            .start(() -> {
              try {
                result.set(ask());
              } catch (SQLException e) {
                failure.set(e);
              }
            });
    try {
      attempt.join(timeout.isPositive() ? timeout : Duration.ofMillis(1));
    } finally {
      if (attempt.isAlive()) {
        attempt.interrupt();
      }
    }
    Connection connection = result.get();
    if (connection != null) {
      return connection;
    }
    SQLException problem = failure.get();
    throw problem != null
        ? problem
        : new SQLException("it accepted a connection, then said nothing");
  }

  private Connection ask() throws SQLException {
    Connection connection = LocalConnection.open(layout.run(), port, superuser, database);
    try (Statement statement = connection.createStatement();
        ResultSet one = statement.executeQuery("SELECT 1")) {
      one.next();
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static long pause(long elapsedNanos) {
    long elapsed = elapsedNanos / 1_000_000;
    return elapsed < 300 ? 1 : elapsed < 2000 ? 5 : 50;
  }
}
