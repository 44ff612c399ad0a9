package dev.ramet.agent.instance;

import dev.ramet.agent.engine.Activity;
import dev.ramet.agent.engine.Engine;
import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.instance.InstanceMark.Findings;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.Runtimes;
import dev.ramet.agent.runtime.Server;
import dev.ramet.agent.runtime.VolumeMount;
import dev.ramet.agent.runtime.Volumes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** The instances of this host. Safe for many threads. */
public final class Instances {
  private final Engines engines;
  private final Runtimes runtimes;
  private final Volumes volumes;
  private final Duration startTimeout;
  private final Set<String> inFlight = ConcurrentHashMap.newKeySet();

  /**
   * Made once.
   *
   * @param startTimeout how long an instance may take to answer its first query
   */
  public Instances(Engines engines, Runtimes runtimes, Volumes volumes, Duration startTimeout) {
    this.engines = engines;
    this.runtimes = runtimes;
    this.volumes = volumes;
    this.startTimeout = startTimeout;
  }

  /**
   * Starts an instance; returns when it answered a query and its user can log in.
   *
   * <p>Repeat: running by the same arguments, the same answer (the password and the limits are set
   * again); one that is frozen goes on; one that died is started anew, one that came only half-way
   * is finished. On failure what this call started is removed; what ran before it is left alone.
   *
   * @throws AgentException {@link AgentError#ALREADY_EXISTS}, {@link AgentError#IN_FLIGHT}, {@link
   *     AgentError#PORT_TAKEN}, {@link AgentError#RUNTIME_UNAVAILABLE}, {@link
   *     AgentError#ENGINE_IMAGE_MISSING}, {@link AgentError#INSTANCE_DIED}, {@link
   *     AgentError#INSTANCE_NOT_READY}, {@link AgentError#NOT_FOUND} where the volume is not
   *     attached
   */
  public Instance start(InstanceSpec spec) throws InterruptedException {
    return start(spec, false);
  }

  /**
   * As {@link #start}, for one that answered queries before: where it is alive but not ready in
   * time it is left to go on with its crash recovery, and a repeat waits for it again.
   */
  public Instance recover(InstanceSpec spec) throws InterruptedException {
    return start(spec, true);
  }

  private Instance start(InstanceSpec spec, boolean recovery) throws InterruptedException {
    enter(spec.id());
    try {
      Engine engine = engines.get(spec.engine());
      Optional<Placed> existing = lookUp(spec.id());
      InstanceRuntime runtime =
          existing.isPresent() && spec.runtime().isEmpty()
              ? existing.get().runtime()
              : runtimes.get(spec.runtime());
      return new InstanceStart(spec, engine, runtime, volumes, startTimeout, recovery)
          .run(existing.map(Placed::server));
    } finally {
      inFlight.remove(spec.id());
    }
  }

  /**
   * Shuts the instance down cleanly, kills it after the grace time, removes it; its volume stays.
   * None: nothing to do. A detached volume may be attached meanwhile.
   *
   * @throws AgentException {@link AgentError#RUNTIME_UNAVAILABLE} where a runtime that may hold it
   *     does not answer
   */
  public void delete(String id, Duration grace) throws InterruptedException {
    enter(id);
    try {
      for (InstanceRuntime runtime : runtimes.all()) {
        if (mayHold(runtime, InstanceMark::lookClosely, id)) {
          runtime.delete(id, grace);
        }
      }
      InstanceMark.look(id, volumes).removable().forEach(InstanceMark::remove);
    } finally {
      inFlight.remove(id);
    }
  }

  /** The instance as the host has it now. Cheap: no listing. */
  public Optional<Instance> find(String id) {
    return lookUp(id).map(placed -> instance(placed.server()));
  }

  /** All instances of this agent. A runtime that does not answer is left out. */
  public List<Instance> list() {
    List<Instance> all = new ArrayList<>();
    for (InstanceRuntime runtime : runtimes.all()) {
      if (runtime.report().available()) {
        runtime.list().forEach(server -> all.add(instance(server)));
      }
    }
    return all;
  }

  /**
   * The instance's log, oldest first, in blocks as they come.
   *
   * @param tailLines how many lines back to begin; 0: all that is kept
   * @param follow go on until interrupted or the instance ends
   * @throws AgentException {@link AgentError#NOT_FOUND}
   */
  public void log(String id, int tailLines, boolean follow, Consumer<List<String>> lines)
      throws InterruptedException {
    Placed placed = lookUp(id).orElseThrow(() -> missing(id));
    placed.runtime().log(id, tailLines, follow, lines);
  }

  /**
   * Has the instance write to its volume what it holds in memory. Repeat: cheap.
   *
   * @throws AgentException {@link AgentError#NOT_FOUND}, {@link AgentError#INSTANCE_NOT_READY}
   *     where it does not answer, {@link AgentError#INSTANCE_FROZEN}
   */
  public void checkpoint(String id) throws InterruptedException {
    Instance running = running(id);
    engines.get(running.engine()).checkpoint(mount(running), running.port());
  }

  /**
   * Who uses the instance; looking is no use.
   *
   * @throws AgentException as {@link #checkpoint}
   */
  public Activity activity(String id) throws InterruptedException {
    Instance running = running(id);
    return engines.get(running.engine()).activity(mount(running), running.port());
  }

  /**
   * Has the instance's server take a connection. What runs it is not asked, which would take most
   * of the time; all that is needed comes with the call.
   *
   * @param id of the instance and its volume
   * @param port that it was started with
   * @throws AgentException {@link AgentError#NOT_FOUND} where the volume is not attached, {@link
   *     AgentError#INSTANCE_NOT_READY}
   */
  public void probe(String pool, String id, String engine, int port) throws InterruptedException {
    engines.get(engine).requireAnswer(mount(pool, id, engine), port);
  }

  /**
   * Holds the instance still: it keeps its memory and its connections, and does nothing, also when
   * the agent ends. Repeat: the same.
   *
   * @throws AgentException {@link AgentError#NOT_FOUND}, {@link AgentError#INSTANCE_NOT_READY}
   *     where it is dead, {@link AgentError#RUNTIME_UNAVAILABLE}
   */
  public Instance freeze(String id) throws InterruptedException {
    return change(id, InstanceRuntime::freeze);
  }

  /** Lets the instance go on. Repeat: the same. Errors: as {@link #freeze}. */
  public Instance thaw(String id) throws InterruptedException {
    return change(id, InstanceRuntime::thaw);
  }

  private Instance change(String id, Change change) throws InterruptedException {
    enter(id);
    try {
      Placed placed = lookUp(id).orElseThrow(() -> missing(id));
      requireAlive(instance(placed.server()));
      change.of(placed.runtime(), id);
      return find(id).orElseThrow(() -> missing(id));
    } finally {
      inFlight.remove(id);
    }
  }

  @FunctionalInterface
  private interface Change {
    void of(InstanceRuntime runtime, String id) throws InterruptedException;
  }

  private Instance running(String id) {
    Instance found = find(id).orElseThrow(() -> missing(id));
    requireAlive(found);
    if (found.state() == Instance.State.FROZEN) {
      throw frozen(id);
    }
    return found;
  }

  private static void requireAlive(Instance found) {
    if (found.state() == Instance.State.DEAD) {
      throw new AgentException(
          AgentError.INSTANCE_NOT_READY,
          "instance '%s' is dead: start it again. %s"
              .formatted(found.id(), found.problem())
              .strip());
    }
  }

  /** What somebody is told who wants an answer of it. */
  public static AgentException frozen(String id) {
    return new AgentException(
        AgentError.INSTANCE_FROZEN,
        "instance '%s' is frozen and answers nobody: thaw it first".formatted(id));
  }

  private VolumeMount mount(Instance instance) {
    return mount(instance.pool(), instance.volume(), instance.engine());
  }

  private VolumeMount mount(String pool, String volume, String engine) {
    Path root = volumes.mountOf(pool, volume).orElseThrow(() -> missing(volume));
    return engines.get(engine).mount(pool, volume, root);
  }

  private static AgentException missing(String id) {
    return new AgentException(AgentError.NOT_FOUND, "there is no instance '%s' here".formatted(id));
  }

  /** Of all runtimes; see {@link InstanceRuntime#ended}. */
  public List<String> ended() {
    return runtimes.all().stream().flatMap(runtime -> runtime.ended().stream()).toList();
  }

  /** Keeps the instances' logs within bounds; to be called now and then. */
  public void boundLogs() {
    runtimes.all().forEach(InstanceRuntime::boundLogs);
  }

  /** Ends leftovers of an earlier life, and makes the first start as fast as the second. */
  public void warmUp() throws InterruptedException {
    for (Engine engine : engines.all()) {
      engine.warmUp();
    }
    for (InstanceRuntime runtime : runtimes.all()) {
      if (runtime.report().available()) {
        runtime.warmUp();
      }
    }
  }

  private void enter(String id) {
    if (!inFlight.add(id)) {
      throw new AgentException(
          AgentError.IN_FLIGHT,
          "another call works on instance '%s' now: repeat it later".formatted(id));
    }
  }

  /** A runtime that does not answer may hold the instance: that must not pass for "gone". */
  private boolean mayHold(
      InstanceRuntime runtime, BiFunction<String, Volumes, Findings> look, String id) {
    return runtime.report().available() || look.apply(id, volumes).mayRun(runtime.name());
  }

  private Optional<Placed> lookUp(String id) {
    for (InstanceRuntime runtime : runtimes.all()) {
      // On a detached volume nothing runs, whatever a runtime may have kept of it.
      if (mayHold(runtime, InstanceMark::look, id)) {
        Optional<Server> server = runtime.find(id);
        if (server.isPresent()) {
          return Optional.of(new Placed(runtime, server.get()));
        }
      }
    }
    return Optional.empty();
  }

  private Instance instance(Server server) {
    return InstanceLabels.instance(server, InstanceMark.isReady(server, volumes), List.of());
  }

  private record Placed(InstanceRuntime runtime, Server server) {}
}
