package dev.ramet.cli;

import dev.ramet.cli.output.TextTable;
import dev.ramet.client.RametClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet context}: named servers in the user's configuration file. */
final class ContextCommands {
  private ContextCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "context",
        "Give servers names, and choose the one to talk to.",
        wanted,
        Map.of(
            "ls",
            () -> new Ls(session),
            "set",
            () -> new SetContext(session),
            "use",
            () -> new Use(session),
            "rm",
            () -> new Rm(session)));
  }

  @Command(name = "ls", description = "List contexts; the current one has a star.")
  static final class Ls implements Callable<Integer> {
    private final Session session;

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Map<String, String> contexts = session.contexts().all();
      String current = session.contexts().current().orElse("");
      session.show(
          () -> contexts.entrySet().stream().map(entry -> tree(entry, current)).toList(),
          () -> {
            TextTable table = TextTable.withHeadings("CURRENT", "NAME", "SERVER");
            contexts.forEach(
                (name, server) -> table.row(name.equals(current) ? "*" : "", name, server));
            return table.toString();
          });
      if (contexts.isEmpty()) {
        session.hint("no contexts: make one with ramet context set NAME HOST:PORT");
      }
      return ExitCode.OK.status();
    }

    private static Map<String, @Nullable Object> tree(
        Map.Entry<String, String> entry, String current) {
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      tree.put("name", entry.getKey());
      tree.put("server", entry.getValue());
      tree.put("current", entry.getKey().equals(current));
      return tree;
    }
  }

  @Command(
      name = "set",
      description = {
        "Make or change a context: ramet context set NAME HOST:PORT.",
        "The first context is used at once."
      })
  static final class SetContext implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The context.")
    String name = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "HOST:PORT",
        description = "The coordinator, or several with commas between; --server says the same.")
    @Nullable String address;

    @Option(names = "--use", description = "Make it the current one.")
    boolean use;

    SetContext(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      String server = address == null ? session.options().server : address;
      if (server == null) {
        throw new CommandException(
            ExitCode.USAGE, "which server? ramet context set " + name + " HOST:PORT");
      }
      check(server);
      session.contexts().set(name, server, use);
      return ExitCode.OK.status();
    }

    private static void check(String server) {
      try {
        RametClient.builder().server(server);
      } catch (IllegalArgumentException e) {
        throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
      }
    }
  }

  @Command(name = "use", description = "Make a context the current one.")
  static final class Use implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The context.")
    String name = "";

    Use(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      session.contexts().use(name);
      return ExitCode.OK.status();
    }
  }

  @Command(name = "rm", description = "Forget a context; where there is none, nothing is done.")
  static final class Rm implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The context.")
    String name = "";

    Rm(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      if (!session.contexts().remove(name)) {
        session.note("ramet: no context " + name + ": nothing to delete");
      }
      return ExitCode.OK.status();
    }
  }
}
