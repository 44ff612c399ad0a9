package dev.ramet.cli;

import dev.ramet.cli.view.CloneView;
import dev.ramet.client.Clone;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ramet clone rename}. */
@Command(
    name = "rename",
    description = {
      "Give a clone another name. All else stays: data, address, password, saves, connections.",
      "The old name is free at once. What was made from its saves names them by the new one."
    })
final class CloneRename implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The clone.")
  String name = "";

  @Parameters(index = "1", paramLabel = "NEW-NAME", description = "What it is called then.")
  String newName = "";

  CloneRename(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Clone clone = session.client().clones().rename(name, newName);
    session.show(() -> CloneView.tree(clone), () -> CloneView.text(clone, session.now()));
    return ExitCode.OK.status();
  }
}
