package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Programs of PostgreSQL as clients of one server. */
public final class ClientPrograms {
  private final Map<String, String> environment;

  private ClientPrograms(Map<String, String> environment) {
    this.environment = environment;
  }

  public static ClientPrograms of(SourcePostgres source) {
    return on(source.port(), "postgres", SourcePostgres.PASSWORD);
  }

  public static ClientPrograms on(int port, String user, String password) {
    return new ClientPrograms(
        Map.of(
            "PGHOST",
            "127.0.0.1",
            "PGPORT",
            Integer.toString(port),
            "PGUSER",
            user,
            "PGPASSWORD",
            password));
  }

  /** What the program says; it has to succeed. */
  public List<String> run(String name, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(SourcePostgres.BIN + name));
    command.addAll(List.of(arguments));
    Completed done = Commands.run(new Command(command, environment), Duration.ofMinutes(2));
    if (!done.ok()) {
      throw new AssertionError(name + " failed: " + done.output());
    }
    return done.output();
  }

  /** Writes of two clients that go on until the process is ended. */
  public Process pgbench(String database, Path log) {
    return Commands.startLogging(
        new Command(
            List.of(SourcePostgres.BIN + "pgbench", "-c", "2", "-T", "240", "-n", database),
            environment),
        log);
  }
}
