package dev.ramet.agent.exec;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Starts processes. Nothing else in the agent does. */
public final class Commands {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int LINES_KEPT = 200;

  private Commands() {}

  /**
   * Starts it with nothing to read, and pipes for both outputs, which the caller reads.
   *
   * @throws AgentException {@link AgentError#IO} where the program is not there
   */
  public static Process start(Command command) {
    return start(
        command,
        builder(command).redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))));
  }

  /** Starts it with nothing to read, and both outputs at the end of a file. */
  public static Process startLogging(Command command, Path log) {
    ProcessBuilder builder =
        builder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return start(command, builder);
  }

  /**
   * Runs it to its end, with nothing to read. Killed after the timeout, or when interrupted.
   *
   * @throws AgentException {@link AgentError#IO} where it is not there or takes too long
   */
  public static Completed run(Command command, Duration timeout) throws InterruptedException {
    ProcessBuilder builder =
        builder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true);
    Process process = start(command, builder);
    List<String> output = new ArrayList<>();
    Thread reader = Thread.ofVirtual().start(() -> readLines(process, output));
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AgentException(
            AgentError.IO, "%s took longer than %s".formatted(command.program(), timeout));
      }
      reader.join(Duration.ofSeconds(5));
      synchronized (output) {
        return new Completed(process.exitValue(), output);
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** The lines of a stream of text that may hold bytes of any encoding. */
  public static BufferedReader reader(InputStream stream) {
    return new BufferedReader(
        new InputStreamReader(
            stream,
            StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)));
  }

  private static void readLines(Process process, List<String> output) {
    try (BufferedReader lines = reader(process.getInputStream())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (output) {
          if (output.size() == LINES_KEPT) {
            output.removeFirst();
          }
          output.add(line);
        }
      }
    } catch (IOException e) {
      synchronized (output) {
        output.add("(its output ended early: " + e.getMessage() + ")");
      }
    }
  }

  private static ProcessBuilder builder(Command command) {
    ProcessBuilder builder = new ProcessBuilder(command.arguments());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", PATH);
    environment.put("LC_ALL", "C");
    environment.putAll(command.environment());
    builder.directory(new File("/"));
    return builder;
  }

  private static Process start(Command command, ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new AgentException(
          AgentError.IO, "cannot start %s: %s".formatted(command.program(), e.getMessage()), e);
    }
  }
}
