package dev.ramet.cli;

import dev.ramet.cli.view.ImageView;
import dev.ramet.cli.view.OperationView;
import dev.ramet.client.ImageReference;
import dev.ramet.client.Operation;
import dev.ramet.client.Pending;
import dev.ramet.client.Revision;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "promote",
    description = "Make a save of a clone the next revision of an image, for everybody.")
final class ImagePromoteCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofHours(24);

  private final Session session;

  @Parameters(index = "0", paramLabel = "CLONE@SAVE", description = "The save.")
  String reference = "";

  @Option(
      names = "--as",
      required = true,
      paramLabel = "IMAGE",
      description = "The image; made where there is none of that name.")
  String image = "";

  @Mixin WaitOption wait = new WaitOption();

  ImagePromoteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    SaveReference save = SaveReference.parse(reference);
    Pending<Operation> pending =
        session.client().images().promote(save.owner() + "@" + save.save(), image);
    if (wait.noWait) {
      Operation operation = pending.now();
      session.show(
          () -> OperationView.tree(operation), () -> OperationView.text(operation, session.now()));
      return ExitCode.OK.status();
    }
    Operation done = OperationCommands.await(session, pending, TIMEOUT);
    ImageReference target = ImageReference.parse(done.target());
    Revision revision = session.client().images().getRevision(target.name(), target.revision());
    session.show(() -> ImageView.tree(revision), () -> ImageView.text(revision, session.now()));
    return ExitCode.OK.status();
  }
}
