package dev.ramet.e2e;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection to a database by the URL that Ramet gives out, as a user's program would make it.
 */
final class Database implements AutoCloseable {
  private static final Pattern URL =
      Pattern.compile("postgres://([^:]+):([^@]+)@([^:/]+):(\\d+)/(.+)");

  private final Connection connection;

  private Database(Connection connection) {
    this.connection = connection;
  }

  static Database connect(String url) throws SQLException {
    return new Database(open(url));
  }

  static Connection open(String url) throws SQLException {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new AssertionError("not of the form postgres://user:password@host:port/database");
    }
    Properties properties = new Properties();
    properties.setProperty("user", parts.group(1));
    properties.setProperty("password", parts.group(2));
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "60");
    String jdbc =
        "jdbc:postgresql://" + parts.group(3) + ":" + parts.group(4) + "/" + parts.group(5);
    return DriverManager.getConnection(jdbc, properties);
  }

  String value(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new AssertionError("no row: " + sql);
      }
      return rows.getString(1);
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
