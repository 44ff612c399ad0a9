package dev.ramet.cli;

import dev.ramet.cli.view.SaveView;
import dev.ramet.client.RametException;
import dev.ramet.client.Save;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet clone save}, {@code log} and {@code saves}. */
final class CloneSaveCommands {
  private CloneSaveCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "saves",
        "Look at and delete the saves of clones.",
        wanted,
        Map.of("ls", () -> new Ls(session), "rm", () -> new Remove(session)));
  }

  @Command(
      name = "save",
      description = {
        "Keep a point of a clone: it can be restored to it, and others can be made from it.",
        "It takes no time and no space, and the clone goes on meanwhile."
      })
  static final class Keep implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Parameters(index = "1", paramLabel = "SAVE", description = "The save's name: a DNS label.")
    String save = "";

    @Option(
        names = {"-m", "--message"},
        paramLabel = "TEXT",
        description = "What it is, for whoever reads ramet clone log.")
    String message = "";

    Keep(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Save kept = session.client().clones().save(name, save, message);
      session.show(() -> SaveView.tree(kept), () -> SaveView.table(List.of(kept), session.now()));
      return ExitCode.OK.status();
    }
  }

  @Command(
      name = "log",
      description = {
        "Show the saves of a clone, as a tree.",
        "SIZE is what deleting a save frees; -: its host did not tell in time, or there are many."
      })
  static final class Log implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    Log(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<Save> saves = session.client().clones().savesWithSizes(name);
      session.show(
          () -> saves.stream().map(SaveView::tree).toList(),
          () -> SaveView.log(saves, session.now()));
      if (saves.isEmpty()) {
        session.hint("no saves: keep one with ramet clone save " + name + " SAVE");
      }
      return ExitCode.OK.status();
    }
  }

  @Command(
      name = "ls",
      description = {
        "List the saves of one clone, or of all.",
        "SIZE is what deleting a save frees; -: its host did not tell in time, or there are many."
      })
  static final class Ls implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The clone.")
    String name = "";

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<Save> saves = session.client().clones().savesWithSizes(name);
      session.show(
          () -> saves.stream().map(SaveView::tree).toList(),
          () -> SaveView.table(saves, session.now()));
      return ExitCode.OK.status();
    }
  }

  @Command(
      name = "rm",
      description = {
        "Delete saves; done when their storage is released.",
        "All are tried; the exit code is the worst one's. What is not there is no error."
      })
  static final class Remove implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "1..*", paramLabel = "NAME@SAVE", description = "The saves.")
    List<String> references = List.of();

    Remove(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<SaveReference> saves = references.stream().map(SaveReference::parse).toList();
      Removal removal = new Removal(session, "save");
      for (SaveReference save : saves) {
        String reference = save.owner() + "@" + save.save();
        try {
          if (session.client().clones().deleteSave(save.owner(), save.save())) {
            removal.deleted(reference);
          } else {
            removal.missing(reference);
          }
        } catch (RametException e) {
          removal.failed(reference, e);
        }
      }
      return removal.show();
    }
  }
}
