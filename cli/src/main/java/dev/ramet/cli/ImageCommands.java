package dev.ramet.cli;

import dev.ramet.cli.view.ImageView;
import dev.ramet.client.ErrorKind;
import dev.ramet.client.Image;
import dev.ramet.client.ImageReference;
import dev.ramet.client.Images;
import dev.ramet.client.Operation;
import dev.ramet.client.Pending;
import dev.ramet.client.RametException;
import dev.ramet.client.Revision;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ramet image}. */
final class ImageCommands {
  private ImageCommands() {}

  static CommandLine group(Session session, Predicate<String> wanted) {
    return CommandGroup.of(
        "image",
        "Build, look at and delete images.",
        wanted,
        Map.of(
            "build",
            () -> new ImageBuildCommand(session),
            "promote",
            () -> new ImagePromoteCommand(session),
            "ls",
            () -> new Ls(session),
            "show",
            () -> new Show(session),
            "set",
            () -> new ImageSet(session),
            "rm",
            () -> new Rm(session)));
  }

  /** NAME or NAME:REV. */
  static final class Reference implements ITypeConverter<ImageReference> {
    @Override
    public ImageReference convert(String text) {
      return Cli.converted(() -> ImageReference.parse(text));
    }
  }

  @Command(name = "ls", description = "List images.")
  static final class Ls implements Callable<Integer> {
    private final Session session;

    Ls(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      List<Image> images = session.client().images().list();
      session.show(
          () -> images.stream().map(ImageView::tree).toList(),
          () -> ImageView.table(images, session.now()));
      if (images.isEmpty()) {
        session.hint("no images: make one with ramet image build NAME --from URL|FILE");
      }
      return ExitCode.OK.status();
    }
  }

  @Command(name = "show", description = "Show an image with its revisions, or one revision.")
  static final class Show implements Callable<Integer> {
    private final Session session;

    @Parameters(
        index = "0",
        paramLabel = "NAME[:REV]",
        converter = Reference.class,
        description = "The image, or the revision.")
    ImageReference reference = new ImageReference("", 0);

    Show(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Images images = session.client().images();
      if (reference.isRevision()) {
        Revision revision = images.getRevision(reference.name(), reference.revision());
        session.show(() -> ImageView.tree(revision), () -> ImageView.text(revision, session.now()));
      } else {
        Image image = images.get(reference.name());
        session.show(() -> ImageView.tree(image), () -> ImageView.text(image, session.now()));
      }
      return ExitCode.OK.status();
    }
  }

  @Command(
      name = "rm",
      description = {
        "Delete images or revisions; refused while clones stand on them.",
        "All are tried; the exit code is the worst one's. What is not there is no error."
      })
  static final class Rm implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final Session session;

    @Parameters(
        arity = "1..*",
        paramLabel = "NAME[:REV]",
        converter = Reference.class,
        description = "The images or revisions.")
    List<ImageReference> references = List.of();

    @Mixin WaitOption wait = new WaitOption();

    Rm(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() {
      Removal removal = new Removal(session, "image");
      for (ImageReference reference : new LinkedHashSet<>(references)) {
        try {
          remove(reference, removal);
        } catch (RametException e) {
          removal.failed(reference.toString(), e);
        }
      }
      return removal.show();
    }

    private void remove(ImageReference reference, Removal removal) {
      Images images = session.client().images();
      if (!exists(images, reference)) {
        removal.missing(reference.toString());
        return;
      }
      Pending<Operation> pending =
          reference.isRevision()
              ? images.deleteRevision(reference.name(), reference.revision())
              : images.delete(reference.name());
      if (wait.noWait) {
        removal.deleting(reference.toString());
      } else {
        OperationCommands.await(session, pending, TIMEOUT);
        removal.deleted(reference.toString());
      }
    }

    /** Only so that the user is told; the server takes the deletion of nothing as done. */
    private static boolean exists(Images images, ImageReference reference) {
      try {
        if (reference.isRevision()) {
          images.getRevision(reference.name(), reference.revision());
        } else {
          images.get(reference.name());
        }
        return true;
      } catch (RametException e) {
        if (e.kind() == ErrorKind.NOT_FOUND) {
          return false;
        }
        throw e;
      }
    }
  }
}
