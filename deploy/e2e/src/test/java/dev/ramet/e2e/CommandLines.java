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
      byte[] line = Files.readAllBytes(process.resolve("cmdline"));
      seen.merge(new String(line, StandardCharsets.UTF_8).replace('\0', ' '), 1, Integer::sum);
    } catch (IOException e) {
      // ended meanwhile
    }
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
