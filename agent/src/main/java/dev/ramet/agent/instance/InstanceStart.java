package dev.ramet.agent.instance;

import dev.ramet.agent.engine.Engine;
import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.Programs;
import dev.ramet.agent.runtime.Server;
import dev.ramet.agent.runtime.ServerSpec;
import dev.ramet.agent.runtime.VolumeMount;
import dev.ramet.agent.runtime.Volumes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** One start of one instance: its steps, their times, and what is taken back on failure. */
final class InstanceStart {
  private static final int TAIL_LINES = 20;
  private static final Duration TAIL_LIMIT = Duration.ofSeconds(10);

  private final InstanceSpec spec;
  private final Engine engine;
  private final InstanceRuntime runtime;
  private final VolumeMount mount;
  private final Duration timeout;
  private final boolean recovery;
  private final InstanceMark mark;
  private final List<TimedStep> steps = new ArrayList<>();
  private long stepBegan = System.nanoTime();

  InstanceStart(
      InstanceSpec spec,
      Engine engine,
      InstanceRuntime runtime,
      Volumes volumes,
      Duration timeout,
      boolean recovery) {
    this.spec = spec;
    this.engine = engine;
    this.runtime = runtime;
    this.timeout = timeout;
    this.recovery = recovery;
    Path root =
        volumes
            .mountOf(spec.pool(), spec.volume())
            .orElseThrow(() ->
                new AgentException(
                    AgentError.NOT_FOUND,
                    "volume '%s' is not attached in pool '%s': attach it before an instance is started on it"
                        .formatted(spec.volume(), spec.pool())));
    this.mount = engine.mount(spec.pool(), spec.volume(), root);
    this.mark = new InstanceMark(root, spec.id(), runtime.name());
  }

  Instance run(Optional<Server> existing) throws InterruptedException {
    if (existing.isPresent()) {
      Server server = existing.get();
      if (!server.runtime().equals(runtime.name()) || !InstanceLabels.match(server, spec)) {
        throw new AgentException(
            AgentError.ALREADY_EXISTS,
            "instance '%s' is here already, started with other arguments: delete it first"
                .formatted(spec.id()));
      }
      if (server.running()) {
        if (server.frozen()) {
          runtime.thaw(spec.id());
          server = runtime.find(spec.id()).orElse(server);
        }
        runtime.limit(spec.id(), spec.memoryLimitBytes(), spec.cpuLimitMillis());
        return adopt(server);
      }
      runtime.delete(spec.id(), Duration.ZERO);
    }
    requireFreePort();
    return undoOnFailure(this::startAnew);
  }

  /** It was healthy before this call, perhaps: a failure is told, and nothing is taken back. */
  private Instance adopt(Server server) throws InterruptedException {
    try {
      return finish(server);
    } catch (AgentException e) {
      throw FullVolume.explain(spec, explain(e));
    }
  }

  private Instance startAnew() throws InterruptedException {
    runtime.ensurePrograms(new Programs(spec.engine(), spec.engineVersion()));
    ServerSpec server =
        engine.prepare(spec, mount, runtime).withLabels(InstanceLabels.of(spec, runtime.name()));
    mark.begin(runtime.remembersAfterReboot());
    done("prepare");
    runtime.create(server);
    done("create");
    Server started = runtime.launch(server);
    done("start");
    return finish(started);
  }

  private Instance finish(Server server) throws InterruptedException {
    engine.awaitReady(spec, mount, this::alive, timeout, () -> done("ready"));
    mark.ready(server.handle());
    done("user");
    return InstanceLabels.instance(server, true, steps);
  }

  private boolean alive() {
    return runtime.find(spec.id()).map(Server::running).orElse(false);
  }

  private void done(String step) {
    long now = System.nanoTime();
    steps.add(new TimedStep(step, Duration.ofNanos(now - stepBegan)));
    stepBegan = now;
  }

  private void requireFreePort() {
    if (spec.port() == 0) {
      return;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getByName(spec.address()), spec.port()));
    } catch (IOException e) {
      throw new AgentException(
          AgentError.PORT_TAKEN,
          "cannot listen on %s port %d for instance '%s': %s"
              .formatted(spec.address(), spec.port(), spec.id(), e.getMessage()),
          List.of(),
          Map.of("address", spec.address(), "port", Integer.toString(spec.port())),
          e);
    }
  }

  /** What this call started and what fails is removed again; what was interrupted as well. */
  private Instance undoOnFailure(Attempt attempt) throws InterruptedException {
    try {
      return attempt.run();
    } catch (AgentException e) {
      AgentException told = FullVolume.explain(spec, explain(e));
      if (!mayStillRecover(told)) {
        undo(told);
      }
      throw told;
    } catch (InterruptedException | RuntimeException | Error e) {
      undo(e);
      throw e;
    }
  }

  /** Killed, it would have to begin its crash recovery again: a repeat of the call finds it. */
  private boolean mayStillRecover(AgentException failure) {
    try {
      return recovery && failure.error() == AgentError.INSTANCE_NOT_READY && alive();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  /** The failure with the server's last words. Never throws: what was started still has to go. */
  private AgentException explain(AgentException failure) {
    boolean silent =
        switch (failure.error()) {
          case INSTANCE_DIED, INSTANCE_NOT_READY, INTERNAL -> true;
          default -> false;
        };
    if (!silent || !failure.logTail().isEmpty()) {
      return failure;
    }
    List<String> tail = lastWords(failure);
    AgentException told =
        new AgentException(failure.error(), failure.getMessage(), tail, Map.of(), failure);
    if (failure.error() != AgentError.INSTANCE_DIED) {
      return told;
    }
    try {
      return engine.diagnose(spec, tail).orElse(told);
    } catch (RuntimeException e) {
      told.addSuppressed(e);
      return told;
    }
  }

  /**
   * The end of the server's log, as far as it can be had soon; asked for on a thread of its own.
   */
  private List<String> lastWords(AgentException failure) {
    List<String> tail = new CopyOnWriteArrayList<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                runtime.log(spec.id(), TAIL_LINES, false, tail::addAll);
              } catch (InterruptedException e) {
                failure.addSuppressed(
                    new AgentException(AgentError.IO, "the log did not come to its end", e));
              } catch (RuntimeException e) {
                failure.addSuppressed(e);
              }
            });
    try {
      reader.join(TAIL_LIMIT);
    } catch (InterruptedException e) {
      // Kept for undo, which goes on all the same.
      Thread.currentThread().interrupt();
    } finally {
      reader.interrupt();
    }
    return List.copyOf(tail);
  }

  private void undo(Throwable cause) {
    // The caller may have been interrupted; what was started has to go all the same.
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    try {
      runtime.delete(spec.id(), Duration.ZERO);
      mark.remove();
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
    if (interrupted && !(cause instanceof InterruptedException)) {
      Thread.currentThread().interrupt();
    }
  }

  @FunctionalInterface
  private interface Attempt {
    Instance run() throws InterruptedException;
  }
}
