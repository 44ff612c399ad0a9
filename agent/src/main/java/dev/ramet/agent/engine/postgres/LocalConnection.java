package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.UUID;

/** Connections to a server on one of our own volumes, as its superuser, by its Unix socket. */
final class LocalConnection {
  /** The kernel's limit is 108 bytes with the closing NUL. */
  private static final int LONGEST_PATH = 107;

  /** How the agent's own sessions name themselves. */
  static final String APPLICATION = "ramet";

  private static final String OPTIONS =
      "-c log_statement=none -c log_min_error_statement=panic -c log_min_duration_statement=-1"
          + " -c statement_timeout=0 -c synchronous_commit=local"
          + " -c default_transaction_read_only=off";

  private LocalConnection() {}

  /** With statements of this session kept out of the server's log. */
  static Connection open(Path socketFolder, int port, String user, String database)
      throws SQLException {
    return connect(reachable(socketFolder), port, user, database, OPTIONS);
  }

  /**
   * As {@link #open}, and what this session does adds nothing to the time that the server was
   * active: PostgreSQL counts that where {@code track_activities} is on ({@code
   * pgstat_report_activity} of {@code backend_status.c}). May be called for one server by many
   * threads: each has a link of its own where the path is long, and leaves none.
   */
  static Connection openUncounted(Path socketFolder, int port, String user, String database)
      throws SQLException {
    String options = OPTIONS + " -c track_activities=off";
    if (fits(socketFolder)) {
      return connect(socketFolder, port, user, database, options);
    }
    Path link = Path.of("/run/ramet-" + UUID.randomUUID() + ".sock");
    makeLink(link, socketFolder);
    try {
      return connect(link, port, user, database, options);
    } finally {
      remove(link);
    }
  }

  private static Connection connect(
      Path folder, int port, String user, String database, String options) throws SQLException {
    Path socket = folder.resolve(".s.PGSQL." + port);
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
    properties.setProperty("socketFactoryArg", socket.toString());
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("ApplicationName", APPLICATION);
    // Saves a round trip each: settings go with the first message, statements need no preparing.
    // What the instance was started with must not keep us out: no standby may ever answer, say.
    properties.setProperty("assumeMinServerVersion", "12");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("options", options);
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + port + "/" + escape(database), properties);
  }

  private static String escape(String database) {
    return URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /** The folder itself, or a short link to it where the socket's path is too long. */
  static Path reachable(Path socketFolder) {
    if (fits(socketFolder)) {
      return socketFolder;
    }
    Path link = link(socketFolder);
    if (!Files.isSymbolicLink(link)) {
      makeLink(link, socketFolder);
    }
    return link;
  }

  private static boolean fits(Path socketFolder) {
    String socket = socketFolder.resolve(".s.PGSQL.65535").toString();
    return socket.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH;
  }

  private static void makeLink(Path link, Path socketFolder) {
    try {
      Files.createSymbolicLink(link, socketFolder);
    } catch (FileAlreadyExistsException e) {
      // Another thread made the same one: its name tells where it leads.
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot make " + link + ": " + e.getMessage(), e);
    }
  }

  /** Removes the link of a long path. */
  static void forget(Path socketFolder) {
    remove(link(socketFolder));
  }

  private static void remove(Path link) {
    try {
      Files.deleteIfExists(link);
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot remove " + link, e);
    }
  }

  private static Path link(Path socketFolder) {
    UUID name = UUID.nameUUIDFromBytes(socketFolder.toString().getBytes(StandardCharsets.UTF_8));
    return Path.of("/run/ramet-" + name + ".sock");
  }
}
