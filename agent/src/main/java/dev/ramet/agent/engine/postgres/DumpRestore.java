package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Restores a dump into a new, empty instance. */
final class DumpRestore {
  static final String SUPERUSER = "postgres";

  /** For the load only: all is synced once, at its end. */
  static final Map<String, String> FAST =
      Map.ofEntries(
          Map.entry("autovacuum", "off"),
          Map.entry("checkpoint_timeout", "1h"),
          Map.entry("fsync", "off"),
          Map.entry("full_page_writes", "off"),
          Map.entry("maintenance_work_mem", "256MB"),
          Map.entry("max_wal_senders", "0"),
          Map.entry("max_wal_size", "2GB"),
          Map.entry("wal_level", "minimal"));

  private static final int HEAD_BYTES = 64 * 1024;

  private final LoadContext context;
  private final DumpFile dump;

  DumpRestore(LoadContext context, DumpFile dump) {
    this.context = context;
    this.dump = dump;
  }

  void initialise() throws InterruptedException {
    LineTail tail = new LineTail();
    int exitCode =
        context.run(
            List.of(
                "initdb",
                "--pgdata=" + context.inside(VolumeLayout.DATA),
                "--username=" + SUPERUSER,
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync"),
            Map.of(),
            List.of(),
            tail,
            tail);
    if (exitCode != 0) {
      throw LoadFailure.of(context, "initdb", exitCode, tail.lines());
    }
  }

  /** Fills the new instance, and leaves it vacuumed so that no clone has to do it again. */
  void run(PrivateServer server) throws InterruptedException {
    context.listener().progress("restore", 0, dump.bytes());
    try {
      if (dump.form().isSql()) {
        restoreSql(server);
      } else {
        new ArchiveRestore(context, staged(), server).run();
      }
      vacuum(server);
    } catch (SQLException e) {
      throw new AgentException(
          AgentError.LOAD_FAILED,
          "restoring %s failed: %s".formatted(dump.path(), e.getMessage()),
          server.log(),
          Map.of(),
          e);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /** The archive as pg_restore can read it: unpacked, if need be, into the volume. */
  private ArchiveRestore.Archive staged() throws IOException {
    return switch (dump.form()) {
      case CUSTOM, TAR -> {
        boolean parallel = dump.form() == DumpFile.Form.CUSTOM;
        yield dump.packing() == DumpFile.Packing.NONE
            ? ArchiveRestore.Archive.ofHost(dump.path(), parallel)
            : ArchiveRestore.Archive.ofVolume(unpack(), parallel);
      }
      case DIRECTORY -> ArchiveRestore.Archive.ofHost(dump.path(), true);
      case DIRECTORY_IN_TAR -> ArchiveRestore.Archive.ofVolume(extract(), true);
      case PLAIN, CLUSTER -> throw new IllegalStateException("plain SQL is no archive");
    };
  }

  private String unpack() throws IOException {
    Path file = context.layout().load().resolve("dump");
    try (InputStream in = open()) {
      Files.copy(in, file);
    }
    VolumeLayout.own(file, context.owner());
    return "load/dump";
  }

  private String extract() throws IOException {
    Path folder = context.layout().load().resolve("dump");
    context.layout().createOwned(folder, context.owner());
    try (InputStream in = open()) {
      TarFolder.extract(in, folder, context.owner());
    }
    return "load/dump";
  }

  private InputStream open() throws IOException {
    AtomicLong told = new AtomicLong();
    return Unpacking.open(
        dump.path(),
        dump.packing(),
        bytes -> {
          if (bytes - told.get() > 1 << 20) {
            told.set(bytes);
            context.listener().progress("restore", bytes, dump.bytes());
          }
        });
  }

  private void restoreSql(PrivateServer server)
      throws SQLException, IOException, InterruptedException {
    LineTail tail = new LineTail();
    String database = targetOfSql(server);
    int exitCode;
    try (Connection connection = server.connect("template1");
        SqlDumpInput input =
            new SqlDumpInput(
                open(),
                dump.form() == DumpFile.Form.CLUSTER,
                SUPERUSER,
                new Prerequisites(connection, dump.form() == DumpFile.Form.PLAIN)::accept)) {
      exitCode = psql(database, input, tail);
      IOException unread = input.failure();
      if (unread != null) {
        throw unread;
      }
      if (exitCode == 0 && input.isCutShort()) {
        throw new IOException("its end is missing");
      }
    }
    if (exitCode != 0) {
      throw LoadFailure.of(context, "restoring " + dump.path(), exitCode, tail.lines());
    }
  }

  private int psql(String database, SqlDumpInput input, LineTail tail)
      throws IOException, InterruptedException {
    Path pipe = context.layout().load().resolve("sql");
    try (SqlPipe _ = SqlPipe.open(pipe, context.owner(), input)) {
      return context.run(
          List.of(
              "psql",
              "--no-psqlrc",
              "--quiet",
              "--set=ON_ERROR_STOP=1",
              "--file=" + context.inside("load/sql"),
              "--dbname=" + SqlNames.connectionString(database)),
          ArchiveRestore.connection(context),
          List.of(),
          _ -> {},
          tail);
    }
  }

  /** A dump that makes its own databases begins in "postgres"; any other gets a new one. */
  private String targetOfSql(PrivateServer server) throws IOException, SQLException {
    String head;
    try (InputStream in =
        new BufferedInputStream(
            Unpacking.open(dump.path(), dump.packing(), CountingInput.Listener.NONE))) {
      head = new String(in.readNBytes(HEAD_BYTES), StandardCharsets.UTF_8);
    }
    boolean makesItsOwn = head.contains("\nCREATE DATABASE ") || head.contains("\n\\connect ");
    if (dump.form() == DumpFile.Form.CLUSTER || makesItsOwn) {
      return "postgres";
    }
    String name = newDatabaseName();
    if (!name.equals("postgres")) {
      try (Connection connection = server.connect("template1");
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + SqlNames.quote(name) + " TEMPLATE template0");
      }
    }
    return name;
  }

  private String newDatabaseName() {
    if (!context.request().database().isEmpty()) {
      return context.request().database();
    }
    String file = dump.path().getFileName().toString().toLowerCase(Locale.ROOT);
    String stem = file.replaceFirst("\\..*$", "").replaceAll("[^a-z0-9_]", "_");
    return stem.matches("[a-z_][a-z0-9_]{0,62}") ? stem : "app";
  }

  private void vacuum(PrivateServer server) throws SQLException {
    context.listener().progress("prepare", 0, 0);
    for (String database : ArchiveRestore.databases(server)) {
      try (Connection connection = server.connect(database);
          Statement statement = connection.createStatement()) {
        statement.execute("VACUUM (ANALYZE)");
      }
    }
  }

  private AgentException damaged(IOException cause) {
    String why = "%s is damaged: %s".formatted(dump.path(), cause.getMessage());
    return LoadFailure.explain(
        context.request(), new AgentException(AgentError.LOAD_FAILED, why, cause));
  }

  /** Makes the roles and tablespaces that a dump of one database needs, just before it does. */
  static final class Prerequisites {
    private final Connection connection;
    private final boolean roles;
    private final Set<String> known = new HashSet<>(Set.of(SUPERUSER));
    private final Set<String> tablespaces = new HashSet<>();

    Prerequisites(Connection connection, boolean roles) {
      this.connection = connection;
      this.roles = roles;
    }

    void accept(String line) {
      if (!roles) {
        return;
      }
      known.add(SqlNames.roleMadeBy(line));
      for (String role : SqlNames.rolesIn(line)) {
        if (known.add(role)) {
          execute("CREATE ROLE " + SqlNames.quote(role) + " NOLOGIN");
        }
      }
      String tablespace = SqlNames.tablespaceIn(line);
      if (!tablespace.isEmpty() && tablespaces.add(tablespace)) {
        execute(
            "SET allow_in_place_tablespaces = on",
            "CREATE TABLESPACE " + SqlNames.quote(tablespace) + " LOCATION ''");
      }
    }

    private void execute(String... statements) {
      try (Statement statement = connection.createStatement()) {
        for (String sql : statements) {
          statement.execute(sql);
        }
      } catch (SQLException e) {
        throw new AgentException(
            AgentError.LOAD_FAILED,
            "cannot make what the dump needs (%s): %s".formatted(statements[0], e.getMessage()),
            e);
      }
    }
  }

  static Map<String, String> noSettings() {
    return new HashMap<>();
  }
}
