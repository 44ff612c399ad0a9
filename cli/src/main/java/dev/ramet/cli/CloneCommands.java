package dev.ramet.cli;

import dev.ramet.cli.view.CloneView;
import dev.ramet.client.Clone;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet clone}: the smaller commands stand here, the larger ones in files of their own. */
final class CloneCommands {
  private CloneCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "clone", "Make, look at and delete clones.", wanted, commands(session, wanted));
  }

  private static Map<String, Supplier<?>> commands(Session session, Predicate<String> wanted) {
    Map<String, Supplier<?>> commands = new HashMap<>();
    commands.put("create", () -> new CloneCreate(session));
    commands.put("ls", () -> new Ls(session));
    commands.put("show", () -> new Show(session));
    commands.put("rm", () -> new CloneRemove(session));
    commands.put("logs", () -> new Logs(session));
    commands.put("psql", () -> new ClonePsql(session));
    commands.put("stop", () -> new CloneStateCommands.Stop(session));
    commands.put("start", () -> new CloneStateCommands.Start(session));
    commands.put("restart", () -> new CloneStateCommands.Restart(session));
    commands.put("extend", () -> new CloneLifetimeCommands.Extend(session));
    commands.put("protect", () -> new CloneLifetimeCommands.Protect(session));
    commands.put("reset", () -> new CloneResetCommands.Reset(session));
    commands.put("restore", () -> new CloneResetCommands.Restore(session));
    commands.put("rename", () -> new CloneRename(session));
    commands.put("save", () -> new CloneSaveCommands.Keep(session));
    commands.put("log", () -> new CloneSaveCommands.Log(session));
    commands.put("saves", () -> CloneSaveCommands.group(session, wanted));
    commands.put("connections", () -> new CloneConnectionsCommand(session));
    commands.put("watch", () -> new CloneWatch(session));
    return commands;
  }

  @Command(name = "ls", description = "List clones. Passwords are left out; show has them.")
  static final class Ls implements Callable<Integer> {
    private final Session session;

    @Option(
        names = {"-l", "--label"},
        paramLabel = "KEY=VALUE",
        description = "Only clones that carry this label; may be given several times.")
    Map<String, String> labels = Map.of();

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<Clone> clones = session.client().clones().list(labels);
      session.show(
          () -> clones.stream().map(CloneView::withoutSecrets).toList(),
          () -> CloneView.table(clones, session.now()));
      if (clones.isEmpty()) {
        session.hint("no clones: make one with ramet clone create NAME --image IMAGE");
      }
      return ExitCode.OK.status();
    }
  }

  @Command(name = "show", description = "Show one clone, with its password and URL.")
  static final class Show implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Option(names = "--why", description = "Show why it is on its host: the scores of all hosts.")
    boolean why;

    Show(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Clone clone = session.client().clones().get(name);
      session.show(
          () -> CloneView.tree(clone),
          () -> why ? CloneView.why(clone.placement()) : CloneView.text(clone, session.now()));
      return ExitCode.OK.status();
    }
  }

  @Command(name = "logs", description = "Show the log of a clone's database server.")
  static final class Logs implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Option(
        names = {"-f", "--follow"},
        description = "Go on with new lines until Ctrl-C.")
    boolean follow;

    @Option(
        names = {"-n", "--tail"},
        paramLabel = "LINES",
        defaultValue = "100",
        description = "How many of the last lines to begin with (default: 100).")
    int tail = 100;

    Logs(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      if (tail < 1) {
        throw new CommandException(ExitCode.USAGE, "--tail wants a number above 0");
      }
      var out = session.environment().out();
      session
          .client()
          .clones()
          .readLog(
              name,
              tail,
              follow,
              line -> {
                out.println(line);
                // whoever read this may have left: ramet clone logs -f fix-1 | head
                return !follow || !out.checkError();
              });
      return ExitCode.OK.status();
    }
  }
}
