package dev.ramet.cli;

import dev.ramet.cli.view.AdminView;
import dev.ramet.client.HostsCheck;
import dev.ramet.client.Pending;
import dev.ramet.client.Reap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet admin}. */
final class AdminCommands {
  private AdminCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "admin",
        "See whether hosts hold what the records want, and clean up.",
        wanted,
        Map.of("check", () -> new Check(session), "orphans", () -> new Orphans(session)));
  }

  @Command(
      name = "check",
      description = {
        "Compare what hosts hold with what the records want, both ways. Changes nothing.",
        "Ends with 8 where they differ, or a host could not be asked."
      })
  static final class Check implements Callable<Integer> {
    private final Session session;

    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "HOST",
        description = "Only this host; else all.")
    String host = "";

    Check(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      HostsCheck check = session.client().admin().check(host);
      session.show(() -> AdminView.tree(check), () -> AdminView.text(check, session.now()));
      if (check.agrees()) {
        session.hint("hosts and records agree");
        return ExitCode.OK.status();
      }
      return ExitCode.DIFFERENCES.status();
    }
  }

  @Command(
      name = "orphans",
      description = {
        "List what hosts hold and no record wants.",
        "It is removed by itself after a grace period; --reap asks for that at once. Nothing goes"
            + " that a record wants, or one that cannot be read may want, or that is not ours."
      })
  static final class Orphans implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final Session session;

    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "HOST",
        description = "Only of this host; else of all.")
    String host = "";

    @Option(names = "--reap", description = "Have them removed at once.")
    boolean reap;

    @Mixin WaitOption wait = new WaitOption();

    Orphans(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return reap ? reap() : list();
    }

    private int list() {
      HostsCheck check = session.client().admin().check(host);
      session.show(() -> AdminView.orphans(check), () -> AdminView.table(check, session.now()));
      check.hosts().stream()
          .filter(one -> one.failure() != null)
          .forEach(one -> session.hint("host " + one.host() + " could not be asked"));
      return ExitCode.OK.status();
    }

    private int reap() {
      Pending<List<Reap>> pending = session.client().admin().reap(host);
      List<Reap> reaps =
          wait.noWait
              ? pending.now()
              : Waiting.await(
                  session,
                  pending,
                  TIMEOUT,
                  "orphans",
                  _ -> List.of(),
                  "they are still being removed: ramet admin orphans");
      session.show(
          () -> reaps.stream().map(AdminView::tree).toList(), () -> AdminView.reaped(reaps));
      if (reaps.stream().anyMatch(one -> !one.kept().isEmpty())) {
        return ExitCode.FAILED.status();
      }
      boolean allAsked = reaps.stream().allMatch(one -> one.failure() == null);
      return (allAsked ? ExitCode.OK : ExitCode.UNAVAILABLE).status();
    }
  }
}
