package dev.ramet.cli;

import dev.ramet.cli.view.ArrayView;
import dev.ramet.client.Arrays;
import dev.ramet.client.ErrorKind;
import dev.ramet.client.RametException;
import dev.ramet.client.StorageArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet array}. */
final class ArrayCommands {
  private ArrayCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "array",
        "Storage arrays, which clone volumes themselves.",
        wanted,
        Map.of(
            "add",
            () -> new Add(session),
            "ls",
            () -> new Ls(session),
            "show",
            () -> new Show(session),
            "check",
            () -> new Check(session),
            "rm",
            () -> new Rm(session)));
  }

  @Command(
      name = "add",
      description = {
        "Add a storage array.",
        "It is asked first: one that does not answer, or refuses, is not added. Repeat it to change"
            + " secrets."
      })
  static final class Add implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "What it is to be called.")
    String name = "";

    @Option(
        names = "--driver",
        required = true,
        paramLabel = "DRIVER",
        description = "linux-target: a Linux machine whose agent has a target.")
    String driver = "";

    @Option(
        names = "--endpoint",
        required = true,
        paramLabel = "URL",
        description = "Where it is, as grpc://san-host:9445.")
    String endpoint = "";

    @Option(
        names = "--option",
        paramLabel = "KEY=VALUE",
        description = "A setting of the driver's; may be given several times.")
    Map<String, String> options = Map.of();

    @Option(
        names = "--secret",
        paramLabel = "KEY=FILE",
        description =
            "A secret that the driver needs, read from a file, so that no command line shows it;"
                + " may be given several times.")
    Map<String, Path> secrets = Map.of();

    Add(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Map<String, String> read = new LinkedHashMap<>();
      secrets.forEach((key, file) -> read.put(key, content(key, file)));
      StorageArray array = session.client().arrays().create(name, driver, endpoint, options, read);
      session.show(() -> ArrayView.tree(array), () -> ArrayView.text(array, session.now()));
      return ExitCode.OK.status();
    }

    private static String content(String key, Path file) {
      try {
        return Files.readString(file).strip();
      } catch (IOException e) {
        throw new CommandException(
            ExitCode.USAGE,
            "--secret %s: cannot read %s: name a file that holds it".formatted(key, file));
      }
    }
  }

  @Command(name = "ls", description = "List arrays, and ask each how it is.")
  static final class Ls implements Callable<Integer> {
    private final Session session;

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<StorageArray> arrays = session.client().arrays().list();
      session.show(
          () -> arrays.stream().map(ArrayView::tree).toList(), () -> ArrayView.table(arrays));
      if (arrays.isEmpty()) {
        session.hint("no arrays: ramet array add NAME --driver DRIVER --endpoint URL");
      }
      return ExitCode.OK.status();
    }
  }

  @Command(name = "show", description = "Show one array, and what is ours on it.")
  static final class Show implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The array.")
    String name = "";

    Show(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      StorageArray array = session.client().arrays().get(name);
      session.show(() -> ArrayView.tree(array), () -> ArrayView.text(array, session.now()));
      return ExitCode.OK.status();
    }
  }

  @Command(
      name = "check",
      description = "Ask an array whether it can be used; exit status 7 where it cannot.")
  static final class Check implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The array.")
    String name = "";

    Check(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      StorageArray array = session.client().arrays().get(name);
      session.show(() -> ArrayView.tree(array), () -> ArrayView.state(array));
      return array.healthy() ? ExitCode.OK.status() : ExitCode.PRECONDITION.status();
    }
  }

  @Command(name = "rm", description = "Forget an array and its secrets. Nothing on it is touched.")
  static final class Rm implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The array.")
    String name = "";

    Rm(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Removal removal = new Removal(session, "array");
      Arrays arrays = session.client().arrays();
      try {
        arrays.get(name);
        arrays.delete(name);
        removal.deleted(name);
      } catch (RametException e) {
        if (e.kind() != ErrorKind.NOT_FOUND) {
          throw e;
        }
        removal.missing(name);
      }
      return removal.show();
    }
  }
}
