package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Docker engine of one's own, without images at first; it can be killed and started again. */
final class DockerEngine implements AutoCloseable {
  private final Path home;
  private final Part part;

  private DockerEngine(Path home, Path logs) {
    this.home = home;
    List<String> command = new ArrayList<>(List.of("dockerd", "--host", address()));
    command.addAll(List.of("--data-root", home.resolve("data").toString()));
    command.addAll(List.of("--exec-root", home.resolve("run").toString()));
    command.addAll(List.of("--pidfile", home.resolve("pid").toString()));
    command.addAll(List.of("--bridge", "none", "--iptables=false", "--ip6tables=false"));
    command.addAll(List.of("--ip-forward=false", "--ip-masq=false"));
    this.part = new Part("dockerd", command, Map.of(), Part.freePort(), logs.resolve("engine.log"));
  }

  static DockerEngine start(Path logs) throws IOException {
    Files.createDirectories(logs);
    DockerEngine engine = new DockerEngine(Files.createTempDirectory("engine"), logs);
    engine.start();
    return engine;
  }

  /** Returns when it answers. */
  void start() throws IOException {
    // after a kill: whose process may be dead without anybody having asked for its exit code
    Files.deleteIfExists(home.resolve("run/containerd/containerd.pid"));
    part.start();
    Eventually.holds(
        "Docker answers", Duration.ofMinutes(1), () -> command(address(), "version").exit() == 0);
  }

  /** kill -9 of it and of its containerd. */
  void kill() {
    List<ProcessHandle> below =
        ProcessHandle.of(part.pid()).stream().flatMap(ProcessHandle::children).toList();
    part.kill();
    below.forEach(ProcessHandle::destroyForcibly);
  }

  Part part() {
    return part;
  }

  String address() {
    return "unix://" + home.resolve("docker.sock");
  }

  /** An image of the usual engine's, without a registry. */
  void copy(String image) {
    String pipe = "docker save " + image + " | docker --host " + address() + " load";
    Command.run("sh", "-c", pipe).orFail();
  }

  /**
   * What the docker command says.
   *
   * @param address of the engine; null: the usual one
   */
  static Command command(@Nullable String address, String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    if (address != null) {
      command.addAll(List.of("--host", address));
    }
    command.addAll(List.of(arguments));
    return Command.run(command.toArray(String[]::new));
  }

  @Override
  public void close() {
    part.stop();
    try {
      for (String mount : new Traces(home, List.of(), null).mounts().reversed()) {
        Command.run("umount", mount);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Command.run("rm", "-rf", "--one-file-system", home.toString());
  }
}
