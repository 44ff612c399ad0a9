package dev.ramet.e2e;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Rows that a server sends as fast as they are read: the driver keeps none of them. */
final class CopyOfRows implements AutoCloseable {
  /** Bytes of each row. */
  static final int ROW = 1000;

  private final Connection connection;
  private final CopyOut copy;

  private CopyOfRows(Connection connection, CopyOut copy) {
    this.connection = connection;
    this.copy = copy;
  }

  static CopyOfRows begin(String url, int rows) throws SQLException {
    Connection connection = Database.open(url);
    String sql =
        "COPY (SELECT repeat('x', %d) FROM generate_series(1, %d)) TO STDOUT"
            .formatted(ROW - 1, rows);
    return new CopyOfRows(
        connection, connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql));
  }

  /** Reads all that is left, and tells its size. */
  long rest() throws SQLException {
    long bytes = 0;
    for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
      bytes += row.length;
    }
    return bytes;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
