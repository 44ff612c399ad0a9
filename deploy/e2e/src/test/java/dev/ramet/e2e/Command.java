package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that was run to its end.
 *
 * @param exit its exit code
 * @param out what it said on standard output
 * @param err what it said on standard error
 */
record Command(int exit, String out, String err) {

  static Command run(String... command) {
    return run(Map.of(), Duration.ofMinutes(2), List.of(command));
  }

  /** Runs it without input; past the timeout it is killed and that is an error. */
  static Command run(Map<String, String> environment, Duration timeout, List<String> command) {
    Path out = null;
    Path err = null;
    try {
      out = Files.createTempFile("command", ".out");
      err = Files.createTempFile("command", ".err");
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      Process process = builder.start();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        throw new AssertionError("not done within " + timeout.toSeconds() + " s: " + command);
      }
      return new Command(process.exitValue(), text(out), text(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      delete(out);
      delete(err);
    }
  }

  /** Itself, where it went well. */
  Command orFail() {
    if (exit != 0) {
      throw new AssertionError("exit code " + exit + ": " + err + out);
    }
    return this;
  }

  /** Lines of both outputs. */
  List<String> lines() {
    return (out + err).lines().filter(line -> !line.isBlank()).toList();
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static void delete(@org.jspecify.annotations.Nullable Path file) {
    if (file != null) {
      file.toFile().delete();
    }
  }
}
