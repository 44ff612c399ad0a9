package dev.ramet.cli;

import dev.ramet.cli.output.Units;
import dev.ramet.cli.view.CloneView;
import dev.ramet.client.Clone;
import dev.ramet.client.Clones;
import dev.ramet.client.Pending;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet clone extend} and {@code protect}. */
final class CloneLifetimeCommands {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private CloneLifetimeCommands() {}

  @Command(
      name = "extend",
      description = "Change when a clone is deleted by itself, or how much it may grow.")
  static final class Extend implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @Option(
        names = "--ttl",
        paramLabel = "DURATION",
        description = "8h: so long from now; +4h: so much later than planned; none: never.")
    @Nullable String ttl;

    @Option(
        names = "--idle-ttl",
        paramLabel = "DURATION",
        description = "When it was not used for so long, as 2h; none: no matter.")
    @Nullable String idleTtl;

    @Option(
        names = "--growth",
        paramLabel = "SIZE",
        description =
            "5GiB: it may hold so much beyond what it was made from; +2GiB: so much more than"
                + " until now; none: as it likes. A clone that is OVER_CAP goes on.")
    @Nullable String growth;

    Extend(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      if (ttl == null && idleTtl == null && growth == null) {
        throw new CommandException(ExitCode.USAGE, "say --ttl, --idle-ttl or --growth");
      }
      Duration idle = idleTtl == null || idleTtl.equals("none") ? Duration.ZERO : parsed(idleTtl);
      Clones clones = session.client().clones();
      Clone clone = ttl == null ? null : extended(clones, ttl);
      if (idleTtl != null) {
        clone = clones.expireIdleAfter(name, idle);
      }
      if (growth != null) {
        clone = grown(clones, growth);
      }
      return show(session, java.util.Objects.requireNonNull(clone));
    }

    private Clone grown(Clones clones, String wanted) {
      Pending<Clone> pending =
          wanted.equals("none")
              ? clones.growFreely(name)
              : wanted.startsWith("+")
                  ? clones.addGrowth(name, size(wanted.substring(1)))
                  : clones.limitGrowth(name, size(wanted));
      boolean frozen =
          pending.now().state() == Clone.State.OVER_CAP && pending.now().life().reconciling();
      return frozen
          ? Waiting.await(
              session,
              pending,
              TIMEOUT,
              "thawing " + name,
              clone -> List.of(),
              "it is still being thawed: ramet clone show " + name)
          : pending.now();
    }

    private Clone extended(Clones clones, String wanted) {
      if (wanted.equals("none")) {
        return clones.keepForever(name);
      }
      return wanted.startsWith("+")
          ? clones.extend(name, parsed(wanted.substring(1)))
          : clones.expireAfter(name, parsed(wanted));
    }
  }

  @Command(
      name = "protect",
      description = "Keep a clone from being deleted, reset or stopped, by hand or by its age.")
  static final class Protect implements Callable<Integer> {
    /** One of two. */
    static final class Length {
      @Option(names = "--for", paramLabel = "DURATION", description = "For so long, as 1d.")
      @Nullable Duration length;

      @Option(names = "--off", description = "No longer.")
      boolean off;
    }

    private final Session session;

    @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
    String name = "";

    @ArgGroup(multiplicity = "1")
    Length length = new Length();

    Protect(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Duration wanted = length.length == null ? Duration.ZERO : length.length;
      if (!length.off && wanted.isZero()) {
        throw new CommandException(ExitCode.USAGE, "--for wants a time above 0; --off ends it");
      }
      return show(session, session.client().clones().protect(name, wanted));
    }
  }

  private static long size(String text) {
    try {
      return Units.parseSize(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static Duration parsed(String text) {
    try {
      return Units.parseDuration(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static int show(Session session, Clone clone) {
    session.show(() -> CloneView.tree(clone), () -> CloneView.text(clone, session.now()));
    return ExitCode.OK.status();
  }
}
