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

  private LocalConnection() {}

  /** With statements of this session kept out of the server's log. */
  static Connection open(Path socketFolder, int port, String user, String database)
      throws SQLException {
    Path socket = reachable(socketFolder).resolve(".s.PGSQL." + port);
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
    properties.setProperty("socketFactoryArg", socket.toString());
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("ApplicationName", "ramet");
    // Saves a round trip each: settings go with the first message, statements need no preparing.
    // What the instance was started with must not keep us out: no standby may ever answer, say.
    properties.setProperty("assumeMinServerVersion", "12");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty(
        "options",
        "-c log_statement=none -c log_min_error_statement=panic -c log_min_duration_statement=-1 -c"
            + " statement_timeout=0 -c synchronous_commit=local -c"
            + " default_transaction_read_only=off");
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + port + "/" + escape(database), properties);
  }

  private static String escape(String database) {
    return URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /** The folder itself, or a short link to it where the socket's path is too long. */
  static Path reachable(Path socketFolder) {
    String socket = socketFolder.resolve(".s.PGSQL.65535").toString();
    if (socket.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH) {
      return socketFolder;
    }
    Path link = link(socketFolder);
    try {
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, socketFolder);
      }
    } catch (FileAlreadyExistsException e) {
      // Another thread made the same one: its name tells where it leads.
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot make " + link + ": " + e.getMessage(), e);
    }
    return link;
  }

  /** Removes the link of a long path. */
  static void forget(Path socketFolder) {
    try {
      Files.deleteIfExists(link(socketFolder));
    } catch (IOException e) {
      throw new AgentException(AgentError.IO, "cannot remove " + link(socketFolder), e);
    }
  }

  private static Path link(Path socketFolder) {
    UUID name = UUID.nameUUIDFromBytes(socketFolder.toString().getBytes(StandardCharsets.UTF_8));
    return Path.of("/run/ramet-" + name + ".sock");
  }
}
