package dev.ramet.cli;

import dev.ramet.cli.view.ImageView;
import dev.ramet.cli.view.OperationView;
import dev.ramet.client.ImageBuild;
import dev.ramet.client.ImageReference;
import dev.ramet.client.Operation;
import dev.ramet.client.Pending;
import dev.ramet.client.Revision;
import dev.ramet.client.Secret;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "build",
    description = {
      "Build the next revision of an image from a running server, a dump or a volume of an array.",
      "FILE is a path on the building host, not on this machine. A password need not stand in URL:",
      "it is taken from RAMET_SOURCE_PASSWORD or PGPASSWORD, or asked for; --from - reads URL or"
          + " FILE from standard input."
    })
final class ImageBuildCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofHours(24);

  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The image's name: a DNS label.")
  String name = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "URL|FILE",
      description =
          "postgres://user@host:port[/database]; or san://ARRAY/VOLUME, a volume of an array that"
              + " holds a server's data, of which the array makes a snapshot; or a dump of pg_dump"
              + " on the building host, plain, custom or directory format, maybe .gz or .zst; -"
              + " reads one of them from standard input.")
  String from = "";

  @Option(
      names = "--engine",
      paramLabel = "ENGINE[:VERSION]",
      defaultValue = "postgres",
      description =
          "The database server, with a major version for dumps: postgres:15 (default: postgres).")
  String engine = "postgres";

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "The host to build on; else one is chosen.")
  String host = "";

  @Option(
      names = "--replicas",
      paramLabel = "NUMBER",
      description = "How many hosts get a copy; else all that can hold it.")
  int replicas;

  @Option(
      names = "--database",
      paramLabel = "DATABASE",
      description =
          "The database that the clones' URLs lead to; else the one in the URL, or the largest.")
  String database = "";

  @Option(names = "--description", paramLabel = "TEXT", description = "Words about the image.")
  String description = "";

  @Option(
      names = {"-l", "--label"},
      paramLabel = "KEY=VALUE",
      description = "A label of the image; may be given several times.")
  Map<String, String> labels = Map.of();

  @Mixin WaitOption wait = new WaitOption();

  ImageBuildCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (replicas < 0) {
      throw new CommandException(ExitCode.USAGE, "--replicas wants a number above 0");
    }
    Secret source = new SourceLocation(session.environment()).resolve(from);
    Pending<Operation> pending =
        session
            .client()
            .images()
            .build(
                ImageBuild.of(name, source)
                    .withEngine(engine)
                    .withHost(host)
                    .withReplicas(replicas)
                    .withDatabase(database)
                    .withDescription(description)
                    .withLabels(labels));
    if (wait.noWait) {
      Operation operation = pending.now();
      session.show(
          () -> OperationView.tree(operation), () -> OperationView.text(operation, session.now()));
      return ExitCode.OK.status();
    }
    showRevision(OperationCommands.await(session, pending, TIMEOUT));
    return ExitCode.OK.status();
  }

  private void showRevision(Operation operation) {
    ImageReference target = ImageReference.parse(operation.target());
    Revision revision = session.client().images().getRevision(target.name(), target.revision());
    session.show(() -> ImageView.tree(revision), () -> ImageView.text(revision, session.now()));
  }
}
