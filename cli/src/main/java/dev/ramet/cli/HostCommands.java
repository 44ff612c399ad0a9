package dev.ramet.cli;

import dev.ramet.cli.view.HostView;
import dev.ramet.client.ErrorKind;
import dev.ramet.client.Host;
import dev.ramet.client.Hosts;
import dev.ramet.client.Operation;
import dev.ramet.client.Pending;
import dev.ramet.client.RametException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ramet host}. */
final class HostCommands {
  private HostCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "host",
        "Look at hosts, keep new clones off them, and give up lost ones.",
        wanted,
        Map.of(
            "ls",
            () -> new Ls(session),
            "show",
            () -> new Show(session),
            "cordon",
            () -> new Cordon(session),
            "uncordon",
            () -> new Uncordon(session),
            "rm",
            () -> new Rm(session)));
  }

  @Command(name = "ls", description = "List hosts.")
  static final class Ls implements Callable<Integer> {
    private final Session session;

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<Host> hosts = session.client().hosts().list();
      session.show(() -> hosts.stream().map(HostView::tree).toList(), () -> HostView.table(hosts));
      if (hosts.isEmpty()) {
        session.hint(
            "no hosts: an agent that is started with the coordinator's address appears here");
      }
      return ExitCode.OK.status();
    }
  }

  /** A command about one host, which it then shows. */
  private static int show(Session session, Function<Hosts, Host> call) {
    Host host = call.apply(session.client().hosts());
    session.show(() -> HostView.tree(host), () -> HostView.text(host, session.now()));
    return ExitCode.OK.status();
  }

  @Command(name = "show", description = "Show one host.")
  static final class Show implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "HOST", description = "The host.")
    String name = "";

    Show(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return show(session, hosts -> hosts.get(name));
    }
  }

  @Command(
      name = "cordon",
      description = "Keep new clones and images off a host; what runs goes on.")
  static final class Cordon implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "HOST", description = "The host.")
    String name = "";

    Cordon(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return show(session, hosts -> hosts.cordon(name));
    }
  }

  @Command(name = "uncordon", description = "Let new clones and images onto a host again.")
  static final class Uncordon implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "HOST", description = "The host.")
    String name = "";

    Uncordon(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      return show(session, hosts -> hosts.uncordon(name));
    }
  }

  @Command(
      name = "rm",
      description = {
        "Declare a host lost that is gone for good; refused while it is alive.",
        "Refused, too, while clones or the only replica of a revision are on it, unless --force"
            + " gives them up: its clones are FAILED then, or gone where they were being deleted. A"
            + " host that comes back is a new one, and what is left on it is removed."
      })
  static final class Rm implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final Session session;

    @Parameters(index = "0", paramLabel = "HOST", description = "The host.")
    String name = "";

    @Option(
        names = "--force",
        description = "Give up the clones and the only replicas that are on it.")
    boolean force;

    @Mixin WaitOption wait = new WaitOption();

    Rm(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Removal removal = new Removal(session, "host");
      Hosts hosts = session.client().hosts();
      try {
        hosts.get(name);
      } catch (RametException e) {
        if (e.kind() != ErrorKind.NOT_FOUND) {
          throw e;
        }
        removal.missing(name);
        return removal.show();
      }
      Pending<Operation> pending = hosts.delete(name, force);
      if (wait.noWait) {
        removal.deleting(name);
      } else {
        OperationCommands.await(session, pending, TIMEOUT);
        removal.deleted(name);
      }
      return removal.show();
    }
  }
}
