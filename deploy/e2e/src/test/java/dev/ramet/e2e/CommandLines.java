package dev.ramet.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** What anybody on the machine can see in the lists of processes, looked at again and again. */
final class CommandLines implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(5);

  /** How often each was seen. */
  private final Map<String, Integer> seen = new ConcurrentHashMap<>();

  /** Of processes that are not root's: their user, who may be a database's, can read them. */
  private final Map<String, String> environments = new ConcurrentHashMap<>();

  private final Thread watcher = Thread.ofPlatform().name("command lines").start(this::watch);
  private volatile boolean closed;

  private void watch() {
    while (!closed) {
      try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
        processes.forEach(this::look);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      Eventually.pause(INTERVAL);
    }
  }

  private void look(Path process) {
    try {
      String line = text(process.resolve("cmdline"));
      seen.merge(line, 1, Integer::sum);
      String once = process.getFileName() + " " + line;
      if (!environments.containsKey(once) && (int) Files.getAttribute(process, "unix:uid") != 0) {
        environments.put(once, text(process.resolve("environ")));
      }
    } catch (IOException e) {
      // ended meanwhile
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', ' ');
  }

  /** Processes in whose environment the words were, where other users than root can read it. */
  Set<String> environmentsWith(String words) {
    return environments.entrySet().stream()
        .filter(process -> process.getValue().contains(words))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Those that held the words, with how often they were seen. */
  Map<String, Integer> with(String words) {
    return seen.entrySet().stream()
        .filter(line -> line.getKey().contains(words))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  Set<String> all() {
    return seen.keySet();
  }

  @Override
  public void close() {
    closed = true;
    Eventually.holds("it has ended", Duration.ofSeconds(10), () -> !watcher.isAlive());
  }
}
