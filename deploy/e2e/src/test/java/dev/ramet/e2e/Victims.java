package dev.ramet.e2e;

import dev.ramet.coordinator.testing.users.Timeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is killed, and comes back. */
final class Victims {
  private static final int MOST_SKEW = 600;

  private final Lab lab;
  private final @Nullable DockerEngine docker;
  private final RandomGenerator random;
  private final Timeline timeline;

  /** Kinds of victims, as they are named on the command line. */
  enum Kind {
    AGENT,
    COORDINATOR,
    ETCD,
    /** A process of a database server, or a container. */
    INSTANCE,
    DOCKERD,
    /** All processes, mounts and loop devices of a host. */
    REBOOT,
    /** A coordinator or an agent comes back with a clock that is minutes off. */
    CLOCK;

    static Kind of(String name) {
      for (Kind kind : values()) {
        if (kind.name().equalsIgnoreCase(name)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no victim '" + name + "'");
    }
  }

  /**
   * @param docker an engine of the installation's own; null: there is no such victim
   */
  Victims(Lab lab, @Nullable DockerEngine docker, RandomGenerator random, Timeline timeline) {
    this.lab = lab;
    this.docker = docker;
    this.random = random;
    this.timeline = timeline;
  }

  /** One or two, one after the other; returns when all runs again. */
  List<Kind> kill(List<Kind> kinds) throws IOException {
    List<Kind> killed = new ArrayList<>();
    for (int i = random.nextInt(2); i < 2; i++) {
      Kind kind = kinds.get(random.nextInt(kinds.size()));
      pause(1000);
      kill(kind);
      killed.add(kind);
    }
    return killed;
  }

  private void kill(Kind kind) throws IOException {
    switch (kind) {
      case AGENT -> restart(anAgent());
      case COORDINATOR -> restart(aCoordinator());
      case ETCD -> restart(lab.etcd().part());
      case INSTANCE -> killInstance();
      case DOCKERD -> {
        if (docker == null) {
          throw new IllegalStateException("no engine of our own");
        }
        timeline.tell("killer", "dockerd");
        docker.kill();
        pause(700);
        docker.start();
        timeline.tell("killer", "dockerd is up");
      }
      case REBOOT -> reboot(aHost());
      case CLOCK -> skew(random.nextBoolean() ? anAgent() : aCoordinator());
    }
  }

  private String aHost() {
    return lab.hosts().get(random.nextInt(lab.hosts().size()));
  }

  private Part anAgent() {
    return lab.agent(aHost());
  }

  private Part aCoordinator() {
    return lab.coordinators().get(random.nextInt(lab.coordinators().size()));
  }

  private void restart(Part part) {
    timeline.tell("killer", part.name());
    part.kill();
    pause(700);
    begin(part);
  }

  private void begin(Part part) {
    part.start();
    part.awaitUp(Lab.UP);
    timeline.tell("killer", part.name() + " is up");
  }

  private void reboot(String host) throws IOException {
    timeline.tell("killer", host + " loses its power");
    lab.reboot(host);
    pause(700);
    begin(lab.agent(host));
  }

  /** From now on, and for as long as no other skew follows. */
  private void skew(Part part) throws IOException {
    int seconds = random.nextInt(-MOST_SKEW, MOST_SKEW);
    timeline.tell("killer", part.name() + ", whose clock is off by " + seconds + " s then");
    part.kill();
    part.set("LD_PRELOAD", library().toString());
    part.set("FAKETIME", "%+d".formatted(seconds));
    part.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    part.set("FAKETIME_FORCE_MONOTONIC_FIX", "0"); // else threads do not wait
    part.set("FAKETIME_DISABLE_SHM", "1");
    part.set("NO_FAKE_STAT", "1");
    begin(part);
  }

  private static Path library() throws IOException {
    try (Stream<Path> files =
        Files.find(
            Path.of("/usr/lib"), 3, (file, _) -> file.endsWith("faketime/libfaketimeMT.so.1"))) {
      return files
          .findFirst()
          .orElseThrow(() -> new AssertionError("no libfaketime: install the package libfaketime"));
    }
  }

  private void killInstance() throws IOException {
    List<String> processes = lab.traces().databases();
    List<String> containers = lab.traces().containers();
    int which = random.nextInt(Math.max(1, processes.size() + containers.size()));
    if (which < processes.size()) {
      String process = processes.get(which);
      timeline.tell("killer", "process " + process);
      ProcessHandle.of(Long.parseLong(process.split(" ")[0]))
          .ifPresent(ProcessHandle::destroyForcibly);
    } else if (!containers.isEmpty()) {
      String container = containers.get(which - processes.size());
      timeline.tell("killer", "container " + container);
      lab.docker("kill", container);
    }
  }

  private void pause(int millis) {
    Eventually.pause(Duration.ofMillis(random.nextInt(millis)));
  }
}
