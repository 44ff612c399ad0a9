package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code deploy/quickstart} in directories of its own, with what is built already. There is one at
 * a time, also where several processes run tests: two that begin at once could choose the same
 * ports.
 */
final class Quickstart implements AutoCloseable {
  private final FileChannel turn;
  private final Path home;
  private final Path user;
  private final Path temporary;
  private final Path dir;
  private final Map<String, String> settings;

  /**
   * @param settings of its environment, beside a HOME and a TMPDIR of its own
   */
  Quickstart(Map<String, String> settings) throws IOException {
    this(0, settings);
  }

  /**
   * @param length of its directory's path, at least
   */
  Quickstart(int length, Map<String, String> settings) throws IOException {
    this.turn =
        FileChannel.open(
            Path.of("/run/lock/ramet-quickstart-tests"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    turn.lock();
    this.home = Files.createTempDirectory("qs");
    Command.run("chmod", "0711", home.toString()).orFail();
    this.user = Files.createDirectory(home.resolve("user"));
    this.temporary = Files.createDirectory(home.resolve("tmp"));
    this.dir = home.resolve("q".repeat(Math.max(1, length - home.toString().length() - 1)));
    this.settings = settings;
  }

  /** Of the test: it stays until the end, while {@link #dir} goes with {@code --stop}. */
  Path home() {
    return home;
  }

  Path dir() {
    return dir;
  }

  Command run(String... arguments) {
    return runWithInput("", arguments);
  }

  Command runWithInput(String input, String... arguments) {
    try {
      Path in = Files.writeString(home.resolve("input"), input);
      return finish(start(in, arguments));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Process start(String... arguments) {
    return start(Path.of("/dev/null"), arguments);
  }

  private Process start(Path input, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Lab.root().resolve("deploy/quickstart").toString());
    command.addAll(List.of(arguments));
    if (!command.contains("--dir")) {
      command.addAll(List.of("--dir", dir.toString()));
    }
    return start(command, input);
  }

  /** bin/ramet as the user has it afterwards: the same HOME, and nothing said about servers. */
  Command cli(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Lab.root().resolve("bin/ramet").toString());
    command.addAll(List.of(arguments));
    return finish(start(command, Path.of("/dev/null")));
  }

  private Process start(List<String> command, Path input) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectInput(input.toFile());
    builder.redirectOutput(out().toFile()).redirectError(err().toFile());
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeIf(name -> name.startsWith("XDG_") || name.matches("RAMET_(SERVER|CONTEXT)"));
    environment.putAll(
        Map.of("RAMET_BUILT", "yes", "HOME", user.toString(), "TMPDIR", temporary.toString()));
    environment.putAll(settings);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Command finish(Process process) {
    try {
      if (!process.waitFor(4, TimeUnit.MINUTES)) {
        kill(process);
        throw new AssertionError("not done within 4 minutes: " + errors());
      }
      return new Command(process.exitValue(), Files.readString(out()), errors());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Standard error of what runs or ran last. */
  String errors() throws IOException {
    return Files.readString(err());
  }

  private Path out() {
    return home.resolve("out");
  }

  private Path err() {
    return home.resolve("err");
  }

  /** kill -9 of the script and of what it runs at the moment; not of what it has set free. */
  static void kill(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    Eventually.holds(
        "it is dead", Duration.ofSeconds(10), () -> all.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** The pids of what it has set free, by the parts' names. */
  Map<String, String> parts() throws IOException {
    Map<String, String> parts = new TreeMap<>();
    for (String process : processes()) {
      String environment = environment(process);
      if (environment.contains("RAMET_OWNER=" + dir + "\0")) {
        String name = environment.replaceFirst("(?s).*RAMET_PART=([^\0]*)\0.*", "$1");
        parts.merge(name, process, (one, other) -> one + " " + other);
      }
    }
    return parts;
  }

  /** What jq makes of a file. */
  static String jq(Path file, String filter) {
    return Command.run("jq", "-r", filter, file.toString()).orFail().out().strip();
  }

  /** What one run at a time holds. */
  static Path lock(Path dir) {
    return Path.of("/run/lock/ramet-quickstart" + dir.toString().replace('/', '-') + ".lock");
  }

  /** Everything of it that is still on the machine. */
  List<String> left() throws IOException {
    Traces traces = new Traces(dir, List.of(), null);
    List<String> left = new ArrayList<>(traces.mounts());
    left.addAll(traces.loops());
    for (String process : processes()) {
      String words = read(process, "cmdline") + environment(process);
      if (words.contains(dir.toString()) || directory(process).startsWith(dir)) {
        left.add("process " + process + " " + read(process, "cmdline").replace('\0', ' '));
      }
    }
    for (Path place : List.of(user, temporary)) {
      left.addAll(below(place));
    }
    Stream.of(dir, lock(dir)).filter(Files::exists).map(Path::toString).forEach(left::add);
    for (Path link : list(Path.of("/run"), "ramet-*.sock")) {
      if (Files.readSymbolicLink(link).startsWith(dir)) {
        left.add(link.toString());
      }
    }
    return left;
  }

  private static List<String> below(Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      return files.filter(file -> !file.equals(place)).map(Path::toString).toList();
    }
  }

  private static List<Path> list(Path place, String glob) throws IOException {
    try (var files = Files.newDirectoryStream(place, glob)) {
      List<Path> list = new ArrayList<>();
      files.forEach(list::add);
      return list;
    }
  }

  private static List<String> processes() throws IOException {
    return list(Path.of("/proc"), "[0-9]*").stream()
        .map(process -> process.getFileName().toString())
        .toList();
  }

  private static String environment(String process) {
    return read(process, "environ");
  }

  private static Path directory(String process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", process, "cwd"));
    } catch (IOException e) {
      return Path.of("/"); // ended meanwhile, or a kernel thread
    }
  }

  /** Nothing where the process has ended. */
  private static String read(String process, String file) {
    try {
      return new String(
          Files.readAllBytes(Path.of("/proc", process, file)), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    run("--stop");
    Command.run("rm", "-rf", "--one-file-system", home.toString());
    try {
      turn.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
