package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Looks at a running server, as the user of its URL, and finds out whether it can be copied. */
final class ServerProbe {
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  /** A PostgreSQL server answers this with one byte, whatever its configuration. */
  private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 0x04, (byte) 0xd2, 0x16, 0x2f};

  private final PostgresUrl url;

  ServerProbe(PostgresUrl url) {
    this.url = url;
  }

  SourceServer look() {
    requirePostgres();
    SourceServer server;
    try (Connection connection = connect()) {
      server = read(connection);
    } catch (SQLException e) {
      throw refused(e, "");
    }
    requireReplication();
    return server;
  }

  private void requirePostgres() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.host(), url.port()), CONNECT_TIMEOUT_MILLIS);
      socket.setSoTimeout(CONNECT_TIMEOUT_MILLIS);
      socket.getOutputStream().write(SSL_REQUEST);
      InputStream answer = socket.getInputStream();
      int first = answer.read();
      if (first != 'S' && first != 'N' && first != 'E') {
        throw unreachable("what listens there is not PostgreSQL", null);
      }
    } catch (UnknownHostException e) {
      throw unreachable("there is no host of this name", e);
    } catch (ConnectException | NoRouteToHostException e) {
      throw unreachable("nothing answers there (" + e.getMessage() + ")", e);
    } catch (SocketTimeoutException e) {
      throw unreachable("no answer within %d s".formatted(CONNECT_TIMEOUT_MILLIS / 1000), e);
    } catch (IOException e) {
      throw unreachable("what listens there is not PostgreSQL (" + e.getMessage() + ")", e);
    }
  }

  private Connection connect() throws SQLException {
    if (!url.database().isEmpty()) {
      return open(url.database(), properties());
    }
    SQLException first = null;
    for (String database : SourceServer.USUAL_DATABASES) {
      try {
        return open(database, properties());
      } catch (SQLException e) {
        first = first == null ? e : first;
        if (!"3D000".equals(e.getSQLState())) {
          break;
        }
      }
    }
    throw first == null ? new SQLException("no database to connect to") : first;
  }

  private Connection open(String database, Properties properties) throws SQLException {
    String host = url.host().contains(":") ? "[" + url.host() + "]" : url.host();
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/%s"
            .formatted(host, url.port(), URLEncoder.encode(database, StandardCharsets.UTF_8)),
        properties);
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("user", url.user());
    properties.setProperty("password", url.password().value());
    properties.setProperty("sslmode", url.sslmode());
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("loginTimeout", "10");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("ApplicationName", "ramet");
    return properties;
  }

  private SourceServer read(Connection connection) throws SQLException {
    String product = one(connection, "SELECT version()");
    if (!product.startsWith("PostgreSQL ")) {
      throw new AgentException(
          AgentError.SOURCE_NOT_PERMITTED,
          "the server at %s is %s: only PostgreSQL itself can be copied"
              .formatted(url.address(), product.replaceFirst(" .*", "")));
    }
    int number = Integer.parseInt(one(connection, "SHOW server_version_num"));
    boolean mayReplicate =
        one(
                connection,
                "SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user")
            .startsWith("t");
    if (!mayReplicate) {
      throw notPermitted(
          "user '%s' may not make a base backup there: run ALTER ROLE \"%s\" REPLICATION on the source, or use another user"
              .formatted(url.user(), url.user()));
    }
    Map<String, String> settings = settings(connection);
    if ("0".equals(settings.get("max_wal_senders"))) {
      throw notPermitted(
          "max_wal_senders is 0 there, so that no base backup can be made: raise it");
    }
    return new SourceServer(
        one(connection, "SHOW server_version").replaceFirst(" .*", ""),
        number / 10_000,
        one(connection, "SELECT rolname FROM pg_roles WHERE oid = 10"),
        Long.parseLong(
            one(
                connection,
                "SELECT coalesce(sum(CASE WHEN has_database_privilege(oid, 'CONNECT')"
                    + " THEN pg_database_size(oid) END), 0)::bigint FROM pg_database")),
        settings,
        tablespaces(connection));
  }

  private static Map<String, String> settings(Connection connection) throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name, current_setting(name) FROM pg_settings")) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
    }
    settings.keySet().retainAll(ServerConfig.CARRIED);
    // The driver sets these two for its own session: what the server has is only in its files.
    settings.remove("DateStyle");
    settings.remove("TimeZone");
    settings.putAll(sessionDefaults(connection));
    return settings;
  }

  private static Map<String, String> sessionDefaults(Connection connection) throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT lower(name), setting FROM pg_file_settings"
                    + " WHERE applied AND lower(name) IN ('datestyle', 'timezone')")) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
      return settings;
    } catch (SQLException e) {
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        return Map.of();
      }
      throw e;
    }
  }

  private static Map<Long, String> tablespaces(Connection connection) throws SQLException {
    Map<Long, String> folders = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT oid, pg_tablespace_location(oid) FROM pg_tablespace"
                    + " WHERE pg_tablespace_location(oid) LIKE '/%'")) {
      while (rows.next()) {
        folders.put(rows.getLong(1), rows.getString(2));
      }
    }
    return folders;
  }

  private static String one(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  /** pg_hba.conf has lines of its own for replication. */
  private void requireReplication() {
    Properties properties = properties();
    properties.setProperty("replication", "true");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "12");
    try (Connection connection = open("postgres", properties);
        Statement statement = connection.createStatement()) {
      statement.execute("IDENTIFY_SYSTEM");
    } catch (SQLException e) {
      throw refused(e, "replication ");
    }
  }

  private AgentException refused(SQLException failure, String kind) {
    String state = String.valueOf(failure.getSQLState());
    String words = String.valueOf(failure.getMessage()).replaceFirst("^FATAL: ", "").strip();
    return switch (state) {
      case "28P01" ->
          new AgentException(
              AgentError.SOURCE_AUTH_FAILED,
              "the server at %s refuses the password of user '%s': check the URL"
                  .formatted(url.address(), url.user()),
              failure);
      case "08004" ->
          new AgentException(
              AgentError.SOURCE_AUTH_FAILED,
              "the server at %s asks user '%s' for a password, and the URL has none"
                  .formatted(url.address(), url.user()),
              failure);
      case "28000" ->
          words.contains("pg_hba.conf")
              ? notPermitted(
                  "its pg_hba.conf lets user '%s' make no %sconnection from this host: add a line 'host %s %s <this host> scram-sha-256' there"
                      .formatted(
                          url.user(), kind, kind.isEmpty() ? "all" : "replication", url.user()))
              : new AgentException(
                  AgentError.SOURCE_AUTH_FAILED,
                  "the server at %s refuses user '%s': %s"
                      .formatted(url.address(), url.user(), words),
                  failure);
      case "3D000" ->
          new AgentException(
              AgentError.SOURCE_NOT_FOUND,
              "the server at %s: %s".formatted(url.address(), words),
              failure);
      case INSUFFICIENT_PRIVILEGE -> notPermitted(words);
      default -> unreachable(words, failure);
    };
  }

  private AgentException notPermitted(String why) {
    return new AgentException(
        AgentError.SOURCE_NOT_PERMITTED,
        "the server at %s cannot be copied: %s".formatted(url.address(), why),
        List.of());
  }

  private AgentException unreachable(String why, @Nullable Throwable cause) {
    return new AgentException(
        AgentError.SOURCE_UNREACHABLE,
        "cannot reach a PostgreSQL server at %s: %s".formatted(url.address(), why),
        cause);
  }
}
