package dev.ramet.agent.engine.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A client that commits one row after the other, and knows which were. */
public final class Ledger implements AutoCloseable {
  private final Connection connection;
  private final AtomicLong committed = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private final ExecutorService writer = Executors.newSingleThreadExecutor();

  private Ledger(Connection connection) {
    this.connection = connection;
    writer.execute(this::write);
  }

  /** Makes the table "ledger", and begins. */
  public static Ledger open(int port, String user, String password, String database)
      throws SQLException {
    Connection connection = SourcePostgres.connect("127.0.0.1", port, user, password, database);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE ledger (id int PRIMARY KEY)");
    }
    return new Ledger(connection);
  }

  private void write() {
    try (Statement statement = connection.createStatement()) {
      for (long id = 1; !over.get(); id++) {
        statement.execute("INSERT INTO ledger VALUES (" + id + ")");
        committed.set(id);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Rows 1 to this are committed. */
  public long committed() {
    return committed.get();
  }

  @Override
  public void close() throws SQLException {
    over.set(true);
    writer.close();
    connection.close();
  }
}
