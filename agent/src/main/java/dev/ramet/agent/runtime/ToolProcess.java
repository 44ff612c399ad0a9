package dev.ramet.agent.runtime;

import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.exec.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Consumer;

/** A tool that runs as a plain process. */
final class ToolProcess implements RunningTool {
  private final Process process;
  private final Thread output;
  private final Thread errors;

  ToolProcess(Process process, Tool tool) {
    this.process = process;
    this.output = Thread.ofVirtual().start(() -> read(process.getInputStream(), tool.output()));
    this.errors = Thread.ofVirtual().start(() -> read(process.getErrorStream(), tool.errors()));
  }

  @Override
  public boolean alive() {
    return process.isAlive();
  }

  @Override
  public void signal(Signal signal) {
    if (process.isAlive()) {
      signal.send(process.pid());
    }
  }

  @Override
  public int await() throws InterruptedException {
    int exitCode = process.waitFor();
    output.join(Duration.ofSeconds(5));
    errors.join(Duration.ofSeconds(5));
    return exitCode;
  }

  @Override
  public void close() {
    if (!process.isAlive()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      ProcessTable.killTree(process.pid());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void read(InputStream stream, Consumer<String> lines) {
    try (BufferedReader reader = Commands.reader(stream)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.accept(line);
      }
    } catch (IOException e) {
      lines.accept("(its output ended early: " + e.getMessage() + ")");
    }
  }
}
