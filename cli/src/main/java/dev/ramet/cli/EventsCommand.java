package dev.ramet.cli;

import dev.ramet.cli.view.EventView;
import dev.ramet.client.Event;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ramet events}. */
@Command(
    name = "events",
    description = {
      "Show what is wrong or worth knowing: failed clones, lost hosts, warnings.",
      "With --watch it goes on with everything that happens, and why."
    })
final class EventsCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = {"-w", "--watch"},
      description = "Go on with what happens until Ctrl-C. JSON is one object on each line then.")
  boolean watch;

  EventsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (watch) {
      session
          .client()
          .events()
          .follow(
              event -> !session.line(() -> EventView.tree(event), () -> EventView.line(event)),
              session.noting());
      return ExitCode.OK.status();
    }
    List<Event> events = session.client().events().now();
    session.show(
        () -> events.stream().map(EventView::tree).toList(),
        () -> EventView.table(events, session.now()));
    if (events.isEmpty()) {
      session.hint("nothing is wrong; --watch shows what happens");
    }
    return ExitCode.OK.status();
  }
}
