package dev.ramet.cli;

import dev.ramet.client.Clone;
import dev.ramet.client.Endpoint;
import dev.ramet.client.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Runs psql on a clone. The password goes into a file of its owner alone, named by PGPASSFILE: it
 * stands in no argument list and no environment.
 */
@Command(
    name = "psql",
    description = {
      "Open psql on a clone, as its user, on its database.",
      "What follows -- is passed on: ramet clone psql fix-1 -- -c 'select 1'"
    })
final class ClonePsql implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
  String name = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "ARGUMENT",
      description = "Arguments for psql, after --.")
  List<String> arguments = List.of();

  ClonePsql(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String program = find();
    Clone clone = session.client().clones().get(name);
    Endpoint endpoint = clone.endpoint();
    Failure failure = clone.failure();
    if (clone.state() == Clone.State.OVER_CAP && failure != null) {
      throw new CommandException(ExitCode.PRECONDITION, failure.message());
    }
    if (clone.state() != Clone.State.READY || endpoint == null) {
      throw new CommandException(
          ExitCode.PRECONDITION,
          "clone " + name + " is " + clone.state() + ", not READY: see ramet clone show " + name);
    }
    Path passwords = passwordFile(clone, endpoint);
    try {
      return run(program, clone, endpoint, passwords);
    } finally {
      Files.deleteIfExists(passwords);
    }
  }

  private String find() {
    for (String directory :
        session.environment().variable("PATH", "/usr/bin:/bin").split(":", -1)) {
      Path candidate = Path.of(directory.isEmpty() ? "." : directory, "psql");
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return candidate.toString();
      }
    }
    throw new CommandException(
        ExitCode.FAILED,
        "no psql on the PATH: install postgresql-client, or connect with the URL of ramet clone"
            + " show "
            + name);
  }

  private int run(String program, Clone clone, Endpoint endpoint, Path passwords)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    Map<String, String> variables = builder.environment();
    List.of("PGPASSWORD", "PGSERVICE", "PGHOSTADDR", "PGSSLMODE").forEach(variables::remove);
    variables.put("PGHOST", endpoint.host());
    variables.put("PGPORT", Integer.toString(endpoint.port()));
    variables.put("PGUSER", clone.user());
    variables.put("PGDATABASE", clone.database());
    variables.put("PGPASSFILE", passwords.toString());
    Process psql = builder.start();
    try (LeavingHook _ = LeavingHook.of(() -> outlive(psql, passwords))) {
      return psql.waitFor();
    }
  }

  /** Ctrl-C is psql's own affair (it ends a query, not psql): this program ends when psql does. */
  private static void outlive(Process psql, Path passwords) {
    try {
      int status = psql.waitFor();
      Files.deleteIfExists(passwords);
      Runtime.getRuntime().halt(status);
    } catch (InterruptedException | IOException e) {
      Runtime.getRuntime().halt(ExitCode.FAILED.status());
    }
  }

  private Path passwordFile(Clone clone, Endpoint endpoint) throws IOException {
    Path directory =
        Path.of(
            session
                .environment()
                .variable("XDG_RUNTIME_DIR", System.getProperty("java.io.tmpdir", "/tmp")));
    Path file =
        Files.createTempFile(
            directory,
            "ramet-",
            ".pgpass",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    String line =
        String.join(
            ":",
            escaped(endpoint.host()),
            Integer.toString(endpoint.port()),
            "*",
            escaped(clone.user()),
            escaped(clone.password().reveal()));
    return Files.writeString(file, line + "\n");
  }

  private static String escaped(String field) {
    return field.replace("\\", "\\\\").replace(":", "\\:");
  }
}
