package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program of the installation: it can be started, killed and started again, and its output goes
 * to one file.
 */
final class Part {
  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final int port;
  private final Path log;
  private @Nullable Process process;

  /**
   * @param port what it listens on when it is up
   */
  Part(String name, List<String> command, Map<String, String> environment, int port, Path log) {
    this.name = name;
    this.command = List.copyOf(command);
    this.environment = new LinkedHashMap<>(environment);
    this.port = port;
    this.log = log;
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  Path log() {
    return log;
  }

  /** From the next start on. */
  void set(String variable, String value) {
    environment.put(variable, value);
  }

  long pid() {
    return running().pid();
  }

  boolean isAlive() {
    Process now = process;
    return now != null && now.isAlive();
  }

  void start() {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.directory(log.getParent().toFile());
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  void awaitUp(Duration timeout) {
    Eventually.holds(
        name + " listens on " + port + ", see " + log,
        timeout,
        () -> {
          if (!isAlive()) {
            throw new AssertionError(name + " ended: " + tail(5));
          }
          return answers(port);
        });
  }

  /** kill -9. */
  void kill() {
    running().destroyForcibly();
    awaitEnd(Duration.ofSeconds(10));
  }

  /** SIGTERM, then SIGKILL. */
  void stop() {
    Process now = process;
    if (now == null) {
      return;
    }
    now.destroy();
    try {
      if (!now.waitFor(15, TimeUnit.SECONDS)) {
        now.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      now.destroyForcibly();
    }
    awaitEnd(Duration.ofSeconds(10));
  }

  String tail(int lines) {
    try {
      List<String> all = Files.readString(log, StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Process running() {
    Process now = process;
    if (now == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return now;
  }

  private void awaitEnd(Duration timeout) {
    Eventually.holds(name + " has ended", timeout, () -> !isAlive());
  }
}
