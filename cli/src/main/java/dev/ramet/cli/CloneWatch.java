package dev.ramet.cli;

import dev.ramet.cli.view.CloneChangeView;
import dev.ramet.client.Clone;
import dev.ramet.client.CloneChange;
import dev.ramet.client.Clones;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ramet clone watch}. */
@Command(
    name = "watch",
    description = {
      "Show a line for each change of a clone's state, beginning with what it is now.",
      "With a NAME it ends when that clone is gone, else at Ctrl-C; one that is renamed is followed"
          + " under its new name. JSON is one object on each line."
    })
final class CloneWatch implements Callable<Integer> {
  private final Session session;
  private final Map<String, String> shown = new HashMap<>();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Only this clone; else all.")
  String name = "";

  CloneWatch(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Clones clones = session.client().clones();
    if (name.isEmpty()) {
      clones.followAll(change -> !isToGoOn(change), session.noting());
    } else {
      clones.follow(name, change -> !isToGoOn(change), session.noting());
    }
    return ExitCode.OK.status();
  }

  /** False where whoever read this has left. What is the same as before is not shown again. */
  private boolean isToGoOn(CloneChange change) {
    Clone clone = change.now();
    String look = CloneChangeView.state(change) + " " + CloneChangeView.reason(change);
    boolean same = look.equals(shown.put(clone.uid(), look)) && change.formerName().isEmpty();
    if (change.gone()) {
      shown.remove(clone.uid());
    }
    return same
        || session.line(
            () -> CloneChangeView.tree(change, session.now()),
            () -> CloneChangeView.line(change, session.now()));
  }
}
