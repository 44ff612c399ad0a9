package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Waits for a clone's server and makes its user, over one connection. */
final class InstanceLogin {
  private final InstanceSpec spec;
  private final VolumeLayout layout;
  private final Manifest manifest;
  private final BooleanSupplier alive;

  InstanceLogin(InstanceSpec spec, VolumeLayout layout, Manifest manifest, BooleanSupplier alive) {
    this.spec = spec;
    this.layout = layout;
    this.manifest = manifest;
    this.alive = alive;
  }

  void run(Duration timeout, Runnable ready) throws InterruptedException {
    // Thousands of hashes: time that the server needs to start anyhow.
    try (ExecutorService meanwhile = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<String> statement =
          CompletableFuture.supplyAsync(
              () -> spec.user().isEmpty() ? "" : userStatement(), meanwhile);
      Readiness readiness =
          new Readiness(
              layout,
              ServerCommand.socketPort(spec.port()),
              manifest.superuser(),
              manifest.database(),
              alive);
      try (Connection connection = readiness.await(timeout)) {
        ready.run();
        makeUser(connection, statement.join());
      } catch (SQLException e) {
        throw new AgentException(
            AgentError.INTERNAL,
            "cannot make user '%s' of instance '%s': %s"
                .formatted(spec.user(), spec.id(), e.getMessage()),
            e);
      }
    } finally {
      LocalConnection.forget(layout.run());
    }
  }

  private static void makeUser(Connection connection, String sql) throws SQLException {
    if (!sql.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }

  /** One round trip, whether the user is there or not. The password itself is not in it. */
  private String userStatement() {
    String role = literal(spec.user());
    String rights = "%I WITH LOGIN SUPERUSER PASSWORD %L".replace("'", "''");
    return """
    DO $ramet$ BEGIN
      EXECUTE format(
        CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %1$s)
          THEN 'ALTER ROLE %2$s' ELSE 'CREATE ROLE %2$s' END,
        %1$s, %3$s);
    END $ramet$\
    """
        .formatted(role, rights, literal(ScramVerifier.of(spec.password())));
  }

  private static String literal(String text) {
    // U&'' leaves nothing to standard_conforming_strings.
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
