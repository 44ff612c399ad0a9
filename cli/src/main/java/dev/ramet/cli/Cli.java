package dev.ramet.cli;

import dev.ramet.cli.output.Units;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands put together, and what becomes of their errors. */
final class Cli {
  static final String VERSION = version();

  /** No exit status: the arguments have to be looked at with all commands described. */
  private static final int AGAIN = -1;

  /** What may be empty: words for people, and what is passed on to psql. */
  private static final Set<String> MAY_BE_EMPTY = Set.of("--message", "ARGUMENT");

  private final Environment environment;

  Cli(Environment environment) {
    this.environment = environment;
  }

  /**
   * Runs one command line; returns the exit status.
   *
   * <p>Describing all commands takes longer than running one. So only those whose names stand in
   * the arguments are described at first; where that does not lead to a command, all are.
   */
  int run(String... args) {
    Set<String> words = new HashSet<>(Arrays.asList(args));
    int status = run(words::contains, this::askAgain, parsed -> AGAIN, args);
    return status == AGAIN
        ? run(name -> true, this::misused, new CommandLine.RunLast(), args)
        : status;
  }

  private int run(
      Predicate<String> wanted,
      IParameterExceptionHandler misuse,
      IExecutionStrategy help,
      String... args) {
    GlobalOptions options = new GlobalOptions();
    try (Session session = new Session(options, environment)) {
      CommandLine root = commandLine(options, session, wanted);
      root.setParameterExceptionHandler(misuse);
      root.setExecutionStrategy(parsed -> {
        refuseEmpty(parsed);
        return asksForHelp(parsed)
            ? help.execute(parsed)
            : new CommandLine.RunLast().execute(parsed);
      });
      return root.execute(args);
    } finally {
      environment.out().flush();
      environment.err().flush();
    }
  }

  /** An empty variable of a script must not read as an option that was not given. */
  private static void refuseEmpty(ParseResult parsed) {
    for (CommandLine line : parsed.asCommandLineList()) {
      for (ArgSpec argument : line.getParseResult().matchedArgs()) {
        String name =
            argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
        if (argument.originalStringValues().contains("") && !MAY_BE_EMPTY.contains(name)) {
          throw new ParameterException(line, name + ": the value is empty");
        }
      }
    }
  }

  private static boolean asksForHelp(ParseResult parsed) {
    return parsed.asCommandLineList().stream()
        .anyMatch(line -> line.isUsageHelpRequested() || line.isVersionHelpRequested());
  }

  /** The commands whose names are wanted: all, for help, completion and the documentation. */
  static CommandLine commandLine(GlobalOptions options, Session session, Predicate<String> wanted) {
    CommandLine root = new CommandLine(options);
    root.getCommandSpec().version("ramet " + VERSION);
    Map<String, BiFunction<Session, Predicate<String>, ?>> commands = new LinkedHashMap<>();
    commands.put("image", ImageCommands::group);
    commands.put("clone", CloneCommands::group);
    commands.put("proxy", ProxyCommand::group);
    commands.put("host", HostCommands::group);
    commands.put("array", ArrayCommands::group);
    commands.put("operation", OperationCommands::group);
    commands.put("events", (s, any) -> new EventsCommand(s));
    commands.put("admin", AdminCommands::group);
    commands.put("context", ContextCommands::group);
    commands.put("completion", (s, any) -> new CompletionCommand(s));
    commands.forEach((name, made) -> {
      if (wanted.test(name)) {
        root.addSubcommand(name, made.apply(session, wanted));
      }
    });
    root.registerConverter(Duration.class, text -> converted(() -> Units.parseDuration(text)));
    root.setOut(writer(session.environment().out()));
    root.setErr(writer(session.environment().err()));
    root.setExpandAtFiles(false);
    root.setUsageHelpWidth(100);
    root.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    root.setExecutionExceptionHandler((error, command, parsed) ->
        Complaint.about(error, command.getCommandSpec(), session.environment()).status());
    return root;
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  /** Turns what our own parsers say into what picocli reports. */
  static <T> T converted(Supplier<T> parse) {
    try {
      return parse.get();
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private int askAgain(ParameterException error, String[] args) {
    return AGAIN;
  }

  private int misused(ParameterException error, String[] args) {
    String name = error.getCommandLine().getCommandSpec().qualifiedName();
    environment.err().println("ramet: " + complaint(error) + "; see " + name + " --help");
    return ExitCode.USAGE.status();
  }

  private static String complaint(ParameterException error) {
    if (error instanceof UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()
        && !error.getCommandLine().getSubcommands().isEmpty()) {
      List<String> similar = unmatched.getSuggestions();
      return "no command \""
          + unmatched.getUnmatched().getFirst()
          + "\""
          + (similar.isEmpty() ? "" : ": did you mean " + String.join(" or ", similar) + "?");
    }
    return oneLine(error.getMessage());
  }

  static String oneLine(@Nullable String text) {
    return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static String version() {
    String version = Cli.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
