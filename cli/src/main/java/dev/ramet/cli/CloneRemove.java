package dev.ramet.cli;

import dev.ramet.client.Clone;
import dev.ramet.client.Pending;
import dev.ramet.client.RametException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    description = {
      "Delete clones; done when their storage is released.",
      "All are tried; the exit code is the worst one's. What is not there is no error."
    })
final class CloneRemove implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final Session session;

  @Parameters(arity = "1..*", paramLabel = "NAME", description = "The clones.")
  List<String> names = List.of();

  @Mixin ForceOption force = new ForceOption();
  @Mixin WaitOption wait = new WaitOption();

  CloneRemove(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Removal removal = new Removal(session, "clone");
    Map<String, Pending<Clone>> ending = new LinkedHashMap<>();
    for (String name : new LinkedHashSet<>(names)) {
      try {
        Confirmation.ask(session, force.force, f -> session.client().clones().delete(name, f))
            .ifPresentOrElse(pending -> ending.put(name, pending), () -> missing(name, removal));
      } catch (RametException e) {
        removal.failed(name, e);
      }
    }
    ending.forEach((name, pending) -> finish(name, pending, removal));
    return removal.show();
  }

  /** Of one that lost to a rename, nothing was deleted. */
  private void missing(String name, Removal removal) {
    removal.missing(name);
    try {
      Clone _ = session.client().clones().get(name);
    } catch (RametException gone) {
      String now = gone.metadata().get("called_now");
      if (now != null) {
        session.note("ramet: it is called " + now + " now, and was not deleted");
      }
    }
  }

  private void finish(String name, Pending<Clone> pending, Removal removal) {
    if (wait.noWait) {
      removal.deleting(name);
      return;
    }
    try {
      Waiting.await(
          session,
          pending,
          TIMEOUT,
          "deleting " + name,
          clone -> List.of(),
          "the clones are still being deleted: ramet clone ls");
      removal.deleted(name);
    } catch (RametException e) {
      removal.failed(name, e);
    }
  }
}
