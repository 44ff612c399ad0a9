package dev.ramet.cli;

import dev.ramet.cli.view.OperationView;
import dev.ramet.client.Operation;
import dev.ramet.client.Pending;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet operation}. */
final class OperationCommands {
  private OperationCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "operation",
        "Look at long-running work.",
        wanted,
        Map.of(
            "ls",
            () -> new Ls(session),
            "show",
            () -> new Show(session),
            "watch",
            () -> new Watch(session)));
  }

  /** Waits for an operation with its progress shown. */
  static Operation await(Session session, Pending<Operation> pending, Duration timeout) {
    Operation operation = pending.now();
    String verb =
        switch (operation.kind()) {
          case BUILD_IMAGE -> "building ";
          case DELETE_IMAGE, DELETE_REVISION -> "deleting ";
          case DELETE_HOST -> "removing host ";
          case UNKNOWN -> operation.kind().name().toLowerCase(Locale.ROOT) + " ";
        };
    return Waiting.await(
        session,
        pending,
        timeout,
        verb + operation.target(),
        Operation::steps,
        "operation " + operation.id() + " goes on: ramet operation watch " + operation.id());
  }

  @Command(name = "ls", description = "List operations, newest first.")
  static final class Ls implements Callable<Integer> {
    private final Session session;

    @Option(
        names = "--limit",
        paramLabel = "NUMBER",
        defaultValue = "50",
        description = "At most so many (default: 50).")
    int limit = 50;

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      if (limit < 1) {
        throw new CommandException(ExitCode.USAGE, "--limit wants a number above 0");
      }
      List<Operation> operations = session.client().operations().list(limit);
      session.show(
          () -> operations.stream().map(OperationView::tree).toList(),
          () -> OperationView.table(operations, session.now()));
      if (operations.isEmpty()) {
        session.hint("no operations: building and deleting images makes some");
      }
      return ExitCode.OK.status();
    }
  }

  @Command(name = "show", description = "Show one operation with its steps.")
  static final class Show implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "ID", description = "The operation.")
    String id = "";

    Show(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Operation operation = session.client().operations().get(id).now();
      session.show(
          () -> OperationView.tree(operation), () -> OperationView.text(operation, session.now()));
      return ExitCode.OK.status();
    }
  }

  @Command(name = "watch", description = "Follow an operation until it is done; fails if it does.")
  static final class Watch implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofHours(24);

    private final Session session;

    @Parameters(index = "0", paramLabel = "ID", description = "The operation.")
    String id = "";

    Watch(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Operation operation = await(session, session.client().operations().get(id), TIMEOUT);
      session.show(
          () -> OperationView.tree(operation), () -> OperationView.text(operation, session.now()));
      return ExitCode.OK.status();
    }
  }
}
