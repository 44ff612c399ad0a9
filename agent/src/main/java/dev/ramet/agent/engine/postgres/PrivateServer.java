package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Signal;
import dev.ramet.agent.runtime.RunningTool;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server on a volume that is being loaded. It is reached only through its Unix socket in the
 * volume, listens on no address, and ends with the load.
 */
final class PrivateServer implements AutoCloseable {
  static final int PORT = 5432;

  private static final Logger LOGGER = LoggerFactory.getLogger(PrivateServer.class);

  /** Recovery of a big source may take long; a server that died is noticed at once. */
  private static final Duration RECOVERY = Duration.ofHours(12);

  /** A server that ended, or answers nobody: its log tells why. */
  private static final Set<AgentError> SILENT =
      Set.of(AgentError.INSTANCE_DIED, AgentError.INSTANCE_NOT_READY);

  private static final int MOST_REPAIRS = 30;
  private static final Pattern BAD_SETTING =
      Pattern.compile(
          "(?:unrecognized configuration parameter|invalid value for parameter) \"([^\"]+)\"");
  private static final Pattern BAD_LIBRARY =
      Pattern.compile("could not (?:access file|load library) \"([^\"]+)\"");

  private final LoadContext context;
  private final String superuser;
  private final RunningTool server;
  private final LineTail tail;

  private PrivateServer(LoadContext context, String superuser, RunningTool server, LineTail tail) {
    this.context = context;
    this.superuser = superuser;
    this.server = server;
    this.tail = tail;
  }

  /** As whom the server is asked. */
  @FunctionalInterface
  interface Superuser {
    /** Its name; asked when the server takes connections. */
    String on(VolumeLayout layout);
  }

  /**
   * Starts it and waits until it is consistent. Carried settings that this host's programs do not
   * know, such as a missing library or locale, are dropped from {@code carried}, one by one.
   */
  static PrivateServer start(
      LoadContext context, String superuser, Map<String, String> carried, Map<String, String> more)
      throws InterruptedException {
    return start(context, _ -> superuser, carried, more);
  }

  /** The same on data whose superuser is not known yet. */
  static PrivateServer start(
      LoadContext context,
      Superuser superuser,
      Map<String, String> carried,
      Map<String, String> more)
      throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      ServerConfig.writeForLoad(context.layout(), carried, more);
      LineTail tail = new LineTail();
      RunningTool tool = context.start(command(context), tail);
      try {
        return reached(context, superuser, tool, tail);
      } catch (AgentException e) {
        boolean last = attempt == MOST_REPAIRS;
        end(context, tool);
        if (!SILENT.contains(e.error())) {
          throw e;
        }
        Map<String, String> before = Map.copyOf(carried);
        if (last || !repaired(carried, tail.lines())) {
          throw LoadFailure.of(context, "the server on the loaded data", 1, tail.lines());
        }
        tellDropped(context, before, carried);
      } catch (SQLException e) {
        end(context, tool);
        throw new AgentException(AgentError.LOAD_FAILED, "closing failed: " + e.getMessage(), e);
      } catch (InterruptedException | RuntimeException e) {
        end(context, tool);
        throw e;
      }
    }
  }

  private static PrivateServer reached(
      LoadContext context, Superuser superuser, RunningTool tool, LineTail tail)
      throws SQLException, InterruptedException {
    new Readiness(context.layout(), PORT, "", "", tool::alive).awaitOpen(RECOVERY);
    PrivateServer server = new PrivateServer(context, superuser.on(context.layout()), tool, tail);
    server.readiness("template1").await(RECOVERY).close();
    return server;
  }

  Connection connect(String database) throws SQLException {
    return LocalConnection.open(context.layout().run(), PORT, superuser, database);
  }

  /** Last lines of its log. */
  List<String> log() {
    return tail.lines();
  }

  /** Shuts it down and makes sure that it did so cleanly: clones then need no recovery. */
  void stop() throws InterruptedException {
    server.signal(Signal.SIGINT);
    int exitCode = server.await();
    int state = ControlFile.state(context.layout().data());
    if (exitCode != 0 || state != ControlFile.SHUT_DOWN) {
      throw LoadFailure.of(context, "the clean shutdown", exitCode, tail.lines());
    }
  }

  /** Kills it where it still runs. */
  @Override
  public void close() {
    end(context, server);
  }

  private static void end(LoadContext context, RunningTool server) {
    server.close();
    LocalConnection.forget(context.layout().run());
  }

  /** The name of the role that the instance was born with. */
  String superuser() {
    return superuser;
  }

  private Readiness readiness(String database) {
    return new Readiness(context.layout(), PORT, superuser, database, server::alive);
  }

  private static List<String> command(LoadContext context) {
    List<String> command = new ArrayList<>(List.of("postgres"));
    command.addAll(ServerCommand.places(context::inside));
    command.addAll(
        ServerCommand.settings(Map.of("listen_addresses", "", "port", Integer.toString(PORT))));
    return command;
  }

  private static void tellDropped(
      LoadContext context, Map<String, String> before, Map<String, String> now) {
    before.forEach((name, value) -> {
      if (!value.equals(now.get(name))) {
        LOGGER
            .atWarn()
            .addKeyValue("volume", context.request().volume())
            .addKeyValue("setting", name)
            .addKeyValue("source", value)
            .addKeyValue("clones", now.getOrDefault(name, ""))
            .log("a setting of the source is not to be had with this host's programs");
      }
    });
  }

  private static boolean repaired(Map<String, String> carried, List<String> log) {
    Map<String, String> before = new HashMap<>(carried);
    for (String line : log) {
      Matcher setting = BAD_SETTING.matcher(line);
      if (setting.find()) {
        carried.keySet().removeIf(name -> name.equalsIgnoreCase(setting.group(1)));
      }
      Matcher library = BAD_LIBRARY.matcher(line);
      if (library.find()) {
        dropLibrary(carried, library.group(1));
      }
    }
    return !before.equals(carried);
  }

  private static void dropLibrary(Map<String, String> carried, String file) {
    String missing = Path.of(file).getFileName().toString();
    List<String> kept =
        Pattern.compile(",")
            .splitAsStream(carried.getOrDefault("shared_preload_libraries", ""))
            .filter(
                library -> !library.isEmpty() && !library.equals(missing) && !library.equals(file))
            .toList();
    if (kept.isEmpty()) {
      carried.remove("shared_preload_libraries");
    } else {
      carried.put("shared_preload_libraries", String.join(",", kept));
    }
  }
}
