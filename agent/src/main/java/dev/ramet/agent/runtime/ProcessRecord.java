package dev.ramet.agent.runtime;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Signal;
import dev.ramet.agent.state.StateFile;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What the process runtime keeps about a server, as a file in the server's own volume.
 *
 * @param id the instance's id
 * @param agent that it belongs to
 * @param pid of its main process; 0: not started yet, or not written down yet
 * @param startTicks when that process was started
 * @param stopSignal that it is asked to end by
 * @param labels as given at start
 */
record ProcessRecord(
    String id,
    String agent,
    long pid,
    long startTicks,
    Signal stopSignal,
    Map<String, String> labels) {
  private static final String PLACE = "ramet/process";
  private static final String LABEL = "label:";

  /**
   * The volume's record; empty: there is none.
   *
   * @throws AgentException {@link AgentError#IO} where it cannot be read, or was not written whole
   */
  static Optional<ProcessRecord> read(Path root) {
    try {
      Optional<ProcessRecord> read = parse(root);
      if (read.isPresent() && (read.get().id().isEmpty() || read.get().agent().isEmpty())) {
        throw new IOException("it is cut short");
      }
      return read;
    } catch (IOException | IllegalArgumentException e) {
      throw failure("read", root, e);
    }
  }

  private static Optional<ProcessRecord> parse(Path root) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(root.resolve(PLACE))) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Map<String, String> labels = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(LABEL)) {
        labels.put(name.substring(LABEL.length()), properties.getProperty(name));
      }
    }
    return Optional.of(
        new ProcessRecord(
            properties.getProperty("id", ""),
            properties.getProperty("agent", ""),
            Long.parseLong(properties.getProperty("pid", "0")),
            Long.parseLong(properties.getProperty("start", "0")),
            Signal.valueOf(properties.getProperty("stop", "SIGTERM")),
            labels));
  }

  static void remove(Path root) {
    try {
      Files.deleteIfExists(root.resolve(PLACE));
    } catch (IOException e) {
      if (!StateFile.isReadOnly(e)) {
        throw failure("remove", root, e);
      }
    }
  }

  void write(Path root) {
    Properties properties = new Properties();
    properties.setProperty("id", id);
    properties.setProperty("agent", agent);
    properties.setProperty("pid", Long.toString(pid));
    properties.setProperty("start", Long.toString(startTicks));
    properties.setProperty("stop", stopSignal.name());
    labels.forEach((name, value) -> properties.setProperty(LABEL + name, value));
    Path file = root.resolve(PLACE);
    Path next = root.resolve(PLACE + ".next");
    try {
      Files.createDirectories(file.getParent());
      try (Writer writer = Files.newBufferedWriter(next)) {
        properties.store(writer, null);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("write", root, e);
    }
  }

  /** Stands for one that cannot be read. */
  static ProcessRecord lost(String id, String agent) {
    return new ProcessRecord(id, agent, 0, 0, Signal.SIGTERM, Map.of());
  }

  ProcessRecord started(long newPid, long newStartTicks) {
    return new ProcessRecord(id, agent, newPid, newStartTicks, stopSignal, labels);
  }

  private static AgentException failure(String verb, Path root, Exception cause) {
    return new AgentException(
        AgentError.IO,
        "cannot %s %s: %s".formatted(verb, root.resolve(PLACE), cause.getMessage()),
        cause);
  }
}
