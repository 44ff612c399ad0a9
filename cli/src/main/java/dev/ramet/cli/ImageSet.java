package dev.ramet.cli;

import dev.ramet.cli.output.Units;
import dev.ramet.cli.view.ImageView;
import dev.ramet.client.Image;
import dev.ramet.client.ImageChange;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "set",
    description = {
      "Change what holds for clones that are made of an image from now on.",
      "What is not said stays. A DURATION of none leaves it to the server, whose own limits hold"
          + " besides."
    })
final class ImageSet implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The image.")
  String name = "";

  @Option(
      names = "--default-ttl",
      paramLabel = "DURATION",
      converter = LengthOrNone.class,
      description = "A clone whose creator does not say is deleted after so long.")
  @Nullable Duration defaultTtl;

  @Option(
      names = "--max-ttl",
      paramLabel = "DURATION",
      converter = LengthOrNone.class,
      description = "Nobody may ask for more; also the default where there is no other.")
  @Nullable Duration maxTtl;

  @Option(
      names = "--default-idle-ttl",
      paramLabel = "DURATION",
      converter = LengthOrNone.class,
      description = "As --default-ttl, counted from the last use.")
  @Nullable Duration defaultIdleTtl;

  @Option(
      names = "--max-idle-ttl",
      paramLabel = "DURATION",
      converter = LengthOrNone.class,
      description = "As --max-ttl, counted from the last use.")
  @Nullable Duration maxIdleTtl;

  @Option(
      names = "--max-protect",
      paramLabel = "DURATION",
      converter = LengthOrNone.class,
      description = "The longest protection.")
  @Nullable Duration maxProtect;

  @Option(
      names = "--warm",
      paramLabel = "N",
      description = {
        "So many clones of the latest revision are kept started, so that a create takes one",
        "instead of making it. 0 ends it."
      })
  @Nullable Integer warm;

  @Option(
      names = "--warm-max",
      paramLabel = "N",
      description = "Up to so many where many clones are created; given with --warm.")
  @Nullable Integer warmMax;

  ImageSet(Session session) {
    this.session = session;
  }

  /** none is zero. */
  static final class LengthOrNone implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return text.equals("none")
          ? Duration.ZERO
          : Cli.converted(() -> Units.parsePositiveDuration(text));
    }
  }

  @Override
  public Integer call() {
    ImageChange change = new ImageChange();
    add(defaultTtl, change::defaultTtl);
    add(maxTtl, change::maxTtl);
    add(defaultIdleTtl, change::defaultIdleTtl);
    add(maxIdleTtl, change::maxIdleTtl);
    add(maxProtect, change::maxProtect);
    if (warm != null) {
      var _ = change.warm(warm, warmMax == null ? 0 : warmMax);
    } else if (warmMax != null) {
      throw new CommandException(ExitCode.USAGE, "--warm-max is given with --warm");
    }
    if (change.isEmpty()) {
      throw new CommandException(ExitCode.USAGE, "say what is to be changed, as --max-ttl 3d");
    }
    Image image = session.client().images().update(name, change);
    session.show(() -> ImageView.tree(image), () -> ImageView.text(image, session.now()));
    return ExitCode.OK.status();
  }

  private static void add(@Nullable Duration length, Function<Duration, ImageChange> change) {
    if (length != null) {
      var _ = change.apply(length);
    }
  }
}
