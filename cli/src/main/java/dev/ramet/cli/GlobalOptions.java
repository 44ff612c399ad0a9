package dev.ramet.cli;

import dev.ramet.cli.output.OutputFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code ramet} itself: what every command understands. */
@Command(
    name = "ramet",
    description = "Private, writable, production-like databases in well under a second.",
    synopsisSubcommandLabel = "COMMAND")
final class GlobalOptions implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      defaultValue = "table",
      description = "How to write the result: table, json or yaml.")
  OutputFormat output = OutputFormat.table;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      scope = ScopeType.INHERIT,
      description =
          "The coordinator, or several with commas between. Also RAMET_SERVER, or a context's.")
  @Nullable String server;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "The context to use instead of the current one. Also RAMET_CONTEXT.")
  @Nullable String context;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      scope = ScopeType.INHERIT,
      description =
          "How long to wait for work to end: 500ms, 30s, 5m, 2h. Without it: 5m for clones, 24h for"
              + " building images.")
  @Nullable Duration timeout;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "No progress on standard error; errors are still told.")
  boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show what a command does and takes.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  @Override
  public void run() {
    throw CommandGroup.which(spec);
  }
}
