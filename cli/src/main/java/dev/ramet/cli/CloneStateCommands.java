package dev.ramet.cli;

import dev.ramet.cli.view.CloneView;
import dev.ramet.client.Clone;
import dev.ramet.client.Pending;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ramet clone stop}, {@code start} and {@code restart}. */
final class CloneStateCommands {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private CloneStateCommands() {}

  @Command(
      name = "stop",
      description = {
        "End a clone's database server. Its data, address and password stay.",
        "A stopped clone uses no memory, and disk only for what was written in it."
      })
  static final class Stop implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Mixin ForceOption force = new ForceOption();
    @Mixin WaitOption wait = new WaitOption();

    Stop(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return finish(
          session,
          wait,
          "stopping " + name,
          Confirmation.ask(session, force.force, f -> session.client().clones().stop(name, f)));
    }
  }

  @Command(name = "start", description = "Start a stopped clone, at the address it had.")
  static final class Start implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Mixin WaitOption wait = new WaitOption();

    Start(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return finish(session, wait, "starting " + name, session.client().clones().start(name));
    }
  }

  @Command(name = "restart", description = "Stop and start a clone's database server.")
  static final class Restart implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Mixin ForceOption force = new ForceOption();
    @Mixin WaitOption wait = new WaitOption();

    Restart(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return finish(
          session,
          wait,
          "restarting " + name,
          Confirmation.ask(session, force.force, f -> session.client().clones().restart(name, f)));
    }
  }

  /** Waits where that is wanted, and shows the clone. */
  static int finish(Session session, WaitOption wait, String subject, Pending<Clone> pending) {
    String name = pending.now().name();
    Clone clone =
        wait.noWait
            ? pending.now()
            : Waiting.await(
                session,
                pending,
                TIMEOUT,
                subject,
                any -> List.of(),
                "it goes on: ramet clone show " + name);
    session.show(() -> CloneView.tree(clone), () -> CloneView.text(clone, session.now()));
    return ExitCode.OK.status();
  }
}
