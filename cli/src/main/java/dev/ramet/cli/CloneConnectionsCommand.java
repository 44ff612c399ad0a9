package dev.ramet.cli;

import dev.ramet.cli.view.ConnectionView;
import dev.ramet.client.ClientConnection;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "connections", description = "Show who is connected to a clone now.")
final class CloneConnectionsCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
  String name = "";

  CloneConnectionsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<ClientConnection> connections = session.client().clones().connections(name);
    session.show(
        () -> connections.stream().map(ConnectionView::tree).toList(),
        () -> ConnectionView.table(connections, session.now()));
    if (connections.isEmpty()) {
      session.hint("nobody is connected to " + name);
    }
    return ExitCode.OK.status();
  }
}
