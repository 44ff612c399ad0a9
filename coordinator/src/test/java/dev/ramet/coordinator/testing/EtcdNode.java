package dev.ramet.coordinator.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One real etcd process with a folder of its own, which can be killed, frozen and started again.
 */
public final class EtcdNode {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

  private final String name;
  private final URI client;
  private final URI peer;
  private final Path dir;
  private Process process;

  EtcdNode(String name, Path dir) {
    this.name = name;
    this.dir = dir;
    this.client = URI.create("http://127.0.0.1:" + freePort());
    this.peer = URI.create("http://127.0.0.1:" + freePort());
  }

  public URI endpoint() {
    return client;
  }

  /** Starts the process on the data that there are; does not wait. */
  void launch(Map<String, EtcdNode> members) {
    List<String> initial = new ArrayList<>();
    members.forEach((member, node) -> initial.add(member + "=" + node.peer));
    List<String> command =
        List.of(
            "etcd",
            "--name=" + name,
            "--data-dir=" + dir.resolve(name),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=" + String.join(",", initial),
            "--logger=zap");
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve(name + ".log").toFile()))
              .start();
    } catch (IOException e) {
      throw new AssertionError(
          "etcd cannot be started; install the Debian package etcd-server: " + e.getMessage(), e);
    }
  }

  /** Waits until it answers, with a leader in office. */
  void awaitHealthy() {
    HttpRequest health =
        HttpRequest.newBuilder(client.resolve("/health")).timeout(Duration.ofSeconds(2)).build();
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build()) {
      while (System.nanoTime() < deadline) {
        if (!process.isAlive()) {
          throw new AssertionError("etcd ended with " + process.exitValue() + ":\n" + log());
        }
        if (isHealthy(http, health)) {
          return;
        }
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError("etcd does not answer at " + client + ":\n" + log());
  }

  private static boolean isHealthy(HttpClient http, HttpRequest request)
      throws InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofString()).body().contains("\"true\"");
    } catch (IOException e) {
      return false;
    }
  }

  /** SIGKILL, and waits for the end. */
  public void kill() {
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("etcd " + process.pid() + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** SIGSTOP: connections stay, nothing is answered. */
  public void freeze() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void thaw() {
    signal("CONT");
  }

  private void signal(String signal) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
      if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new AssertionError("kill -" + signal + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String log() {
    try {
      String text = Files.readString(dir.resolve(name + ".log"));
      return text.substring(Math.max(0, text.length() - 3000));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  static void deleteTree(Path dir) {
    try (Stream<Path> paths = Files.walk(dir)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
