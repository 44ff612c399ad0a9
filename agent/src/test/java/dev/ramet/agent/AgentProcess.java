package dev.ramet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An agent as it is really run: a process of its own, with a small heap. */
record AgentProcess(Process process, Path log, Duration readyAfter) {
  private static final long SECONDS_TO_START = 60;

  /** What it ended with. */
  record Ended(int code, String output) {}

  /** Starts one and waits until it says that it is ready. */
  static AgentProcess start(Map<String, String> settings, Path log)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Process process = launch(settings, log, List.of());
    while (!Files.readString(log).contains("\"ready\"")) {
      assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
      Duration waited = Duration.ofNanos(System.nanoTime() - begun);
      assertThat(waited).as(Files.readString(log)).isLessThan(Duration.ofSeconds(SECONDS_TO_START));
      Thread.sleep(5);
    }
    return new AgentProcess(process, log, Duration.ofNanos(System.nanoTime() - begun));
  }

  /** Runs one to its end. */
  static Ended run(Map<String, String> settings, Path log, String... more)
      throws IOException, InterruptedException {
    Process process = launch(settings, log, List.of(more));
    if (!process.waitFor(SECONDS_TO_START, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return new Ended(process.waitFor(), Files.readString(log));
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  Ended terminate() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(SECONDS_TO_START, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return new Ended(process.waitFor(), Files.readString(log));
  }

  /** Resident memory in bytes. */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new AssertionError("no VmRSS");
  }

  /** Processor time so far, in clock ticks of 10 ms. */
  long cpuTicks() throws IOException {
    String[] fields =
        Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.US_ASCII)
            .replaceFirst(".*\\) ", "")
            .split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Process launch(Map<String, String> settings, Path log, List<String> more)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.add("@" + Path.of("src/main/dist/agent.jvm").toAbsolutePath());
    command.add("-Dlogback.configurationFile=" + Path.of("src/main/resources/logback.xml").toUri());
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add("dev.ramet.agent.Main");
    command.addAll(more);
    settings.forEach((key, value) -> command.add("--" + key + "=" + value));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
