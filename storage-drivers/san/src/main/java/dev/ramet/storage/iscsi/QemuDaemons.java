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

  /**
   * Those that have this argument, whole.
   *
   * @param argument what no other daemon has: the export of one LUN's file
   */
  List<ProcessHandle> with(String argument) throws IOException {
    List<ProcessHandle> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (has(process, argument)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString())).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  /** One that ended and that nobody has waited for yet has no command line any more. */
  private static boolean has(Path process, String argument) {
    try {
      String line = new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8);
      List<String> command = Arrays.asList(line.split("\0", -1));
      return command.contains(argument) && command.getFirst().endsWith(PROGRAM);
    } catch (IOException e) {
      return false; // the process is gone
    }
  }

  /**
   * Ends those that have the argument: first asked to, so that what they hold is written, then
   * killed.
   */
  void end(String argument) throws IOException {
    List<ProcessHandle> running = with(argument);
    running.forEach(ProcessHandle::destroy);
    if (!ended(running, argument, GENTLY)) {
      kill(argument);
    }
  }

  /** Ends those that have the argument at once, whatever they are doing. */
  void kill(String argument) throws IOException {
    List<ProcessHandle> running = with(argument);
    running.forEach(ProcessHandle::destroyForcibly);
    if (!ended(running, argument, FORCIBLY)) {
      throw new IOException(
          "%s (pid %s) does not end, though it was killed"
              .formatted(PROGRAM, running.stream().map(ProcessHandle::pid).toList()));
    }
  }

  private static boolean ended(List<ProcessHandle> running, String argument, Duration atMost) {
    return Waits.until(
        () ->
            running.stream()
                .noneMatch(one -> has(PROC.resolve(String.valueOf(one.pid())), argument)),
        atMost);
  }
}
