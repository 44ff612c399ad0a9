package dev.ramet.cli;

import dev.ramet.client.RametException;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** How a failure is told: one line on standard error, then the log of what failed, indented. */
final class Complaint {
  private static final int LOG_LINES = 20;

  private Complaint() {}

  /** Of what a command threw. */
  static ExitCode about(Exception error, CommandSpec command, Environment environment) {
    return error instanceof RametException refused
        ? about(refused, FieldFlags.message(refused, command), environment)
        : about(error, environment);
  }

  private static ExitCode about(RametException error, String message, Environment environment) {
    tell(environment.err(), message + hint(error), error.logTail());
    return ExitCode.of(error.kind());
  }

  static ExitCode about(Exception error, Environment environment) {
    return switch (error) {
      case RametException e -> about(e, String.valueOf(e.getMessage()), environment);
      case CommandException e -> {
        tell(environment.err(), String.valueOf(e.getMessage()), List.of());
        yield e.exitCode();
      }
      default -> {
        tell(environment.err(), "internal error: " + error + ": please report this", List.of());
        if (!environment.variable("RAMET_DEBUG", "").isEmpty()) {
          error.printStackTrace(environment.err());
        }
        yield ExitCode.FAILED;
      }
    };
  }

  static void tell(PrintStream err, String message, List<String> logTail) {
    err.println("ramet: " + Cli.oneLine(message));
    logTail.stream()
        .skip(Math.max(0, logTail.size() - LOG_LINES))
        .forEach(line -> err.println("    " + line.stripTrailing()));
    err.flush();
  }

  /** What next, where only this side knows. */
  private static String hint(RametException error) {
    return switch (error.code()) {
      case "UNAVAILABLE" ->
          ": is it running? --server, RAMET_SERVER or ramet context ls say where it is sought";
      case "SOURCE_NOT_FOUND" -> " (FILE is a path on the building host: choose it with --host)";
      default -> "";
    };
  }
}
