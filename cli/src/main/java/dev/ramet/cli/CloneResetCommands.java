package dev.ramet.cli;

import dev.ramet.client.Clone;
import dev.ramet.client.Pending;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet clone reset} and {@code restore}. */
final class CloneResetCommands {
  private CloneResetCommands() {}

  @Command(
      name = "reset",
      description = {
        "Let a clone begin again: what was written in it is lost, or kept as another clone; its"
            + " address, user, password and saves stay.",
        "The new data are made and checked first; where that fails, the clone is as it was."
      })
  static final class Reset implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Option(
        names = "--to",
        paramLabel = "REFERENCE",
        description =
            "latest, IMAGE:REV, or NAME@SAVE; else what its data began as, of the same revision.")
    String to = "";

    @Option(
        names = "--extend",
        paramLabel = "DURATION",
        description = "Move the end of its life, as 4h.")
    Duration extend = Duration.ZERO;

    @Option(
        names = "--keep-as",
        paramLabel = "NAME",
        description = "Keep what was written in it as another clone, of this name, stopped.")
    String keepAs = "";

    @Mixin ForceOption force = new ForceOption();
    @Mixin WaitOption wait = new WaitOption();

    Reset(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Pending<Clone> pending =
          Confirmation.ask(
              session,
              force.force,
              f -> session.client().clones().reset(name, to, extend, keepAs, f));
      return CloneStateCommands.finish(session, wait, "resetting " + name, pending);
    }
  }

  @Command(
      name = "restore",
      description = "Take a clone back to one of its saves; as reset NAME --to NAME@SAVE.")
  static final class Restore implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME@SAVE", description = "The save.")
    String reference = "";

    @Mixin ForceOption force = new ForceOption();
    @Mixin WaitOption wait = new WaitOption();

    Restore(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      SaveReference save = SaveReference.parse(reference);
      Pending<Clone> pending =
          Confirmation.ask(
              session,
              force.force,
              f -> session.client().clones().reset(save.owner(), reference, Duration.ZERO, f));
      return CloneStateCommands.finish(session, wait, "restoring " + reference, pending);
    }
  }
}
