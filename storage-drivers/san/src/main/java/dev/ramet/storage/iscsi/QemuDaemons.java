package dev.ramet.storage.iscsi;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ramet.storage.linux.Waits;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The running {@code qemu-storage-daemon}s, known by their command line in /proc: so one is found
 * that was being started when its starter died, and no number of a process is trusted that another
 * may have by now. Cost of a search: a look at every process.
 */
final class QemuDaemons {
  static final String PROGRAM = "qemu-storage-daemon";
  private static final Path PROC = Path.of("/proc");
  private static final Duration GENTLY = Duration.ofSeconds(5);
  private static final Duration FORCIBLY = Duration.ofSeconds(5);

  private final Path proc;

  QemuDaemons() {
    this(PROC);
  }

  QemuDaemons(Path proc) {
    this.proc = proc;
  }

  /**
   * Those that have this argument, whole.
   *
   * @param argument what no other daemon has: the export of one LUN's file
   */
  List<ProcessHandle> with(String argument) throws IOException {
    List<ProcessHandle> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        List<String> command = command(process);
        if (command.contains(argument) && command.getFirst().endsWith(PROGRAM)) {
          handle(process).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static Optional<ProcessHandle> handle(Path process) {
    return ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
  }

  private static List<String> command(Path process) {
    try {
      String line = new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8);
      return Arrays.asList(line.split("\0", -1));
    } catch (IOException e) {
      return List.of(""); // the process is gone
    }
  }

  /**
   * Ends those that have the argument: first asked to, so that what they hold is written, then
   * killed.
   */
  void end(String argument) throws IOException {
    List<ProcessHandle> running = with(argument);
    running.forEach(ProcessHandle::destroy);
    if (!Waits.until(() -> with(argument).isEmpty(), running.isEmpty() ? Duration.ZERO : GENTLY)) {
      kill(argument);
    }
  }

  /** Ends those that have the argument at once, whatever they are doing. */
  void kill(String argument) throws IOException {
    with(argument).forEach(ProcessHandle::destroyForcibly);
    if (!Waits.until(() -> with(argument).isEmpty(), FORCIBLY)) {
      throw new IOException(
          "%s (pid %s) does not end, though it was killed"
              .formatted(PROGRAM, with(argument).stream().map(ProcessHandle::pid).toList()));
    }
  }
}
