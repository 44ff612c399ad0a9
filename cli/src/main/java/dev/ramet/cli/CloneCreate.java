package dev.ramet.cli;

import dev.ramet.cli.output.Units;
import dev.ramet.cli.view.CloneView;
import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.ErrorKind;
import dev.ramet.client.Lifetime;
import dev.ramet.client.Pending;
import dev.ramet.client.RametException;
import dev.ramet.client.Save;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "create",
    description = {
      "Make a clone: a private, writable copy of an image with a database server running on it.",
      "The same name and options again lead to the same clone."
    })
final class CloneCreate implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** A name has 63 characters at most, of which the time takes nine. */
  private static final int MAX_BEGIN = 53;

  private final Session session;

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "The clone's name: a DNS label.")
  String name = "";

  /** One of two. */
  static final class Source {
    @Option(
        names = "--image",
        paramLabel = "NAME[:REV]",
        description = "The image, or one revision of it; else the latest ready one.")
    String image = "";

    @Option(
        names = "--from",
        paramLabel = "CLONE[@SAVE]",
        description =
            "Another clone's save, or another clone as it is now, which is saved for it as"
                + " for-NAME-TIME.")
    String from = "";
  }

  /** What to do where there is one of that name. */
  static final class Existing {
    @Option(
        names = "--replace",
        description = "Delete a clone of that name first; a protected or used one with --force.")
    boolean replace;

    @Option(
        names = "--if-absent",
        description =
            "Leave a clone of that name as it is, whatever it was made from; what it has otherwise"
                + " than asked for is told.")
    boolean ifAbsent;
  }

  @ArgGroup(multiplicity = "1")
  Source source = new Source();

  @ArgGroup Existing existing = new Existing();

  @Option(
      names = "--force",
      description = "With --replace: whether it is protected or used or not.")
  boolean force;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      description = "Delete it after so long, as 30m, 8h, 1d12h; else the server's default.")
  Duration ttl = Duration.ZERO;

  @Option(
      names = "--idle-ttl",
      paramLabel = "DURATION",
      description = "Delete it when it was not used for so long.")
  Duration idleTtl = Duration.ZERO;

  @Option(
      names = "--protect",
      paramLabel = "DURATION",
      description = "Protect it for so long from being deleted, reset or stopped.")
  Duration protect = Duration.ZERO;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "The host to put it on; else the best one is chosen.")
  String host = "";

  @Option(
      names = {"-l", "--label"},
      paramLabel = "KEY=VALUE",
      description = "A label; may be given several times.")
  Map<String, String> labels = Map.of();

  @Option(
      names = "--engine-option",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of the database server, as shared_buffers=64MB; may be given several times.")
  Map<String, String> engineOptions = Map.of();

  @Option(
      names = "--size-limit",
      paramLabel = "SIZE",
      converter = Size.class,
      description = "The most it may hold, as 20GiB; else as much as the image's volume.")
  long sizeLimit;

  @Option(
      names = "--growth",
      paramLabel = "SIZE",
      converter = Size.class,
      description =
          "Freeze it when it holds so much, as 5GiB, beyond what it was made from; else the"
              + " server's default.")
  long growth;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Size.class,
      description = "Memory limit, as 1GiB, 32MiB at least (docker only).")
  long memory;

  @Option(
      names = "--cpus",
      paramLabel = "NUMBER",
      converter = Cpus.class,
      description = "CPU limit, as 1.5, no more than the host has (docker only).")
  int cpuMillis;

  @Option(
      names = "--runtime",
      paramLabel = "RUNTIME",
      description = "docker or process; else what the host prefers.")
  String runtime = "";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port on the host; else a free one of the host's range.")
  int port;

  @Mixin WaitOption wait = new WaitOption();

  CloneCreate(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (force && !existing.replace) {
      throw new CommandException(ExitCode.USAGE, "--force is given with --replace");
    }
    if (existing.replace) {
      remove();
    }
    if (existing.ifAbsent) {
      Optional<Clone> present = find();
      if (present.isPresent()) {
        return show(keep(present.get()));
      }
    }
    Pending<Clone> pending = source.from.isEmpty() ? create("") : createFrom();
    Clone clone = wait.noWait ? pending.now() : await(pending);
    return show(clone);
  }

  private Pending<Clone> create(String from) {
    return session
        .client()
        .clones()
        .create(name, spec(from), new Lifetime(ttl, idleTtl, protect), growth);
  }

  /**
   * Of a save that is there, or of another clone as it is now: of the save that an earlier call
   * made for this clone, or a new one. Where the clone is refused, so is its save.
   */
  private Pending<Clone> createFrom() {
    if (source.from.contains("@")) {
      return create(source.from);
    }
    Optional<String> before = find().flatMap(this::earlierSave);
    if (before.isPresent()) {
      return create(before.get());
    }
    Save made = save();
    try {
      return create(made.reference());
    } catch (RametException refused) {
      try {
        var _ = session.client().clones().deleteSave(made.owner(), made.name());
      } catch (RametException stands) {
        refused.addSuppressed(stands); // a clone stands on it: the answer was lost
      }
      throw refused;
    }
  }

  /** Asks for it again: that changes nothing, and is refused where the clone differs. */
  private Clone keep(Clone present) {
    boolean asItIs = !source.from.isEmpty() && !source.from.contains("@");
    Optional<String> before = asItIs ? earlierSave(present) : Optional.of(source.from);
    if (before.isEmpty()) {
      note("clone " + name + " was not made from " + source.from);
      return present;
    }
    try {
      return create(before.get()).now();
    } catch (RametException differs) {
      if (!differs.code().equals("CLONE_EXISTS")) {
        throw differs;
      }
      note(FieldFlags.message(differs, spec));
      return present;
    }
  }

  private void note(String difference) {
    session.note("ramet: left as it is: " + difference);
  }

  private int show(Clone clone) {
    session.show(() -> CloneView.tree(clone), () -> CloneView.text(clone, session.now()));
    return ExitCode.OK.status();
  }

  private void remove() {
    Optional<Pending<Clone>> going = session.client().clones().delete(name, force);
    going.ifPresent(pending ->
        Waiting.await(
            session,
            pending,
            TIMEOUT,
            "deleting " + name,
            clone -> List.of(),
            "it is still being deleted: ramet clone show " + name));
  }

  private Optional<Clone> find() {
    try {
      return Optional.of(session.client().clones().get(name));
    } catch (RametException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<String> earlierSave(Clone present) {
    return Optional.of(present.life().origin())
        .filter(origin -> origin.startsWith(source.from + "@" + saveOf(name)));
  }

  private Save save() {
    String when = Long.toString(session.now().toEpochMilli(), Character.MAX_RADIX);
    return session.client().clones().save(source.from, saveOf(name) + when, "");
  }

  /** How the names of saves begin that are made for a clone; the time follows. */
  private static String saveOf(String clone) {
    String begin = "for-" + clone;
    return (begin.length() > MAX_BEGIN ? begin.substring(0, MAX_BEGIN) : begin) + "-";
  }

  private Clone await(Pending<Clone> pending) {
    return Waiting.await(
        session,
        pending,
        TIMEOUT,
        "clone " + name,
        Clone::timings,
        "clone "
            + name
            + " is still being made: ramet clone show "
            + name
            + ", or end it with ramet clone rm "
            + name);
  }

  private CloneSpec spec(String from) {
    CloneSpec spec = from.isEmpty() ? CloneSpec.of(source.image) : CloneSpec.from(from);
    return spec.withHost(host)
        .withRuntime(runtime)
        .withEngineOptions(engineOptions)
        .withLabels(labels)
        .withSizeLimitBytes(sizeLimit)
        .withMemoryLimitBytes(memory)
        .withCpuLimitMillis(cpuMillis)
        .withPort(port);
  }

  /** Bytes of "20GiB"; 0, which would mean no limit, is refused. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      long bytes = Cli.converted(() -> Units.parseSize(text));
      if (bytes == 0) {
        throw new picocli.CommandLine.TypeConversionException("a size of 0 holds nothing");
      }
      return bytes;
    }
  }

  /** Thousandths of "1.5". */
  static final class Cpus implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("[0-9]{1,4}(\\.[0-9]{1,3})?") || new BigDecimal(text).signum() == 0) {
        throw new picocli.CommandLine.TypeConversionException(
            "\"" + text + "\" is no number of CPUs: give for example 0.5 or 2");
      }
      return new BigDecimal(text).movePointRight(3).intValueExact();
    }
  }
}
