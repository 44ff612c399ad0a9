package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.Activity;
import dev.ramet.agent.engine.Engine;
import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.engine.ProbeRequest;
import dev.ramet.agent.engine.ProgressListener;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.engine.SourceReport;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Signal;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.Programs;
import dev.ramet.agent.runtime.RuntimeReport;
import dev.ramet.agent.runtime.Runtimes;
import dev.ramet.agent.runtime.ServerSpec;
import dev.ramet.agent.runtime.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** PostgreSQL, from 12 on. */
public final class PostgresEngine implements Engine {
  /** Its name in calls and records. */
  public static final String NAME = "postgres";

  /** The home of the official images: PGDATA is "data" in it. */
  private static final String INSIDE = "/var/lib/postgresql";

  /** The images' own volume, which would hide ours, and where their clients look for the socket. */
  private static final Map<String, String> PLACES =
      Map.of(INSIDE + "/data", VolumeLayout.DATA, "/var/run/postgresql", VolumeLayout.RUN);

  private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,62}");

  private final Runtimes runtimes;

  public PostgresEngine(Runtimes runtimes) {
    this.runtimes = runtimes;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public SourceReport probe(ProbeRequest request) {
    return look(request.version(), request.source(), runtimes.get(request.runtime())).report();
  }

  @Override
  public LoadResult load(LoadRequest request, ProgressListener listener)
      throws InterruptedException {
    VolumeLayout layout = new VolumeLayout(request.root());
    String fingerprint = SourceLook.fingerprint(request);
    refuseOccupied(request, layout);
    boolean inVolume = request.source().isInVolume();
    Optional<Manifest> done =
        inVolume && !VolumeLayout.isOurs(layout.manifest())
            ? Optional.empty()
            : Manifest.read(layout);
    if (done.isPresent()) {
      if (done.get().request().equals(fingerprint)) {
        VolumeLayout.removeTree(layout.adopting());
        return result(done.get());
      }
      throw new AgentException(
          AgentError.ALREADY_EXISTS,
          "volume '%s' was loaded already, by other arguments: delete it first"
              .formatted(request.volume()));
    }
    InstanceRuntime runtime = runtimes.get(request.runtime());
    if (inVolume) {
      AdoptionPlan plan = plan(request, layout, fingerprint, available(runtime));
      return begin(request, listener, runtime, plan.version(), fingerprint).fromVolume(plan);
    }
    SourceLook look = look(request.version(), request.source(), runtime);
    PostgresLoad load =
        begin(request, listener, runtime, look.report().engineVersion(), fingerprint);
    return switch (look) {
      case SourceLook.Server server -> load.fromServer(server.url(), server.source());
      case SourceLook.Dump dump -> load.fromDump(dump.file());
    };
  }

  private PostgresLoad begin(
      LoadRequest request,
      ProgressListener listener,
      InstanceRuntime runtime,
      String version,
      String fingerprint)
      throws InterruptedException {
    Programs programs = new Programs(NAME, version);
    runtime.ensurePrograms(programs);
    LoadContext context =
        new LoadContext(
            request,
            listener,
            runtime,
            programs,
            mount(request.pool(), request.volume(), request.root()),
            new VolumeLayout(request.root()),
            runtime.databaseUser(programs));
    return new PostgresLoad(context, fingerprint);
  }

  /** That of an earlier load of this volume that was cut short, or a new one. */
  private static AdoptionPlan plan(
      LoadRequest request, VolumeLayout layout, String fingerprint, RuntimeReport runtime) {
    Optional<AdoptionPlan> begun = AdoptionPlan.read(layout);
    if (begun.isEmpty()) {
      return AdoptionPlanner.plan(request, fingerprint, runtime);
    }
    if (!begun.get().request().equals(fingerprint)) {
      throw new AgentException(
          AgentError.ALREADY_EXISTS,
          "a load of volume '%s' was begun by other arguments: delete it first"
              .formatted(request.volume()));
    }
    return begun.get();
  }

  @Override
  public void endLeftovers(String pool, String volume) throws InterruptedException {
    VolumeMount mount = mount(pool, volume, Path.of("/"));
    for (InstanceRuntime runtime : runtimes.all()) {
      runtime.endTools(mount.key());
    }
    VolumeLayout.removeTree(BaseBackup.passwordFile(mount.key()));
  }

  @Override
  public VolumeMount mount(String pool, String volume, Path root) {
    return new VolumeMount(pool, volume, root, INSIDE, PLACES);
  }

  @Override
  public ServerSpec prepare(InstanceSpec spec, VolumeMount mount, InstanceRuntime runtime) {
    ServerConfig.check(spec.engineOptions());
    if (!spec.user().isEmpty() && !USER.matcher(spec.user()).matches()) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "the user's name must be 1 to 63 of letters, digits, '_', '.' and '-', beginning with a"
              + " letter or '_'");
    }
    VolumeLayout layout = new VolumeLayout(mount.root());
    Manifest manifest = manifest(spec, layout);
    try {
      // Left by a server that was killed, or ran when this volume was copied: process ids that mean
      // nothing now would keep ours down. Nothing runs here: the caller made sure of that.
      VolumeLayout.emptyFolder(layout.run());
      Files.deleteIfExists(layout.postmasterPid());
    } catch (IOException e) {
      throw VolumeLayout.failure("remove", layout.postmasterPid(), e);
    }
    ServerConfig.writeForInstance(layout, manifest, spec.engineOptions());
    List<String> command = new ArrayList<>(List.of("postgres"));
    command.addAll(ServerCommand.places(place -> runtime.inside(mount, place)));
    command.addAll(ServerCommand.listening(spec.address(), spec.port()));
    return new ServerSpec(
        spec.id(),
        new Programs(NAME, spec.engineVersion()),
        mount,
        command,
        Map.of(),
        layout.owner(),
        spec.memoryLimitBytes(),
        spec.cpuLimitMillis(),
        Map.of(),
        Signal.SIGINT);
  }

  @Override
  public void awaitReady(
      InstanceSpec spec, VolumeMount mount, BooleanSupplier alive, Duration timeout, Runnable ready)
      throws InterruptedException {
    VolumeLayout layout = new VolumeLayout(mount.root());
    Manifest manifest = manifest(spec, layout);
    new InstanceLogin(spec, layout, manifest, alive).run(timeout, ready);
  }

  @Override
  public void checkpoint(VolumeMount mount, int port) throws InterruptedException {
    running(mount, port).checkpoint();
  }

  @Override
  public Activity activity(VolumeMount mount, int port) throws InterruptedException {
    return running(mount, port).activity();
  }

  @Override
  public void requireAnswer(VolumeMount mount, int port) throws InterruptedException {
    running(mount, port).requireAnswer();
  }

  private static RunningServer running(VolumeMount mount, int port) {
    VolumeLayout layout = new VolumeLayout(mount.root());
    return new RunningServer(layout, port, manifest(mount.volume(), layout));
  }

  @Override
  public Optional<AgentException> diagnose(InstanceSpec spec, List<String> logTail) {
    return Diagnosis.of(spec, logTail);
  }

  @Override
  public void warmUp() {
    WarmUp.run();
  }

  /** A load empties the volume: it must not be one that a server was told to run on. */
  private static void refuseOccupied(LoadRequest request, VolumeLayout layout) {
    for (Path mark : layout.marks()) {
      if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
        throw new AgentException(
            AgentError.IN_USE,
            "volume '%s' is an instance's: delete the instance before the volume is loaded"
                .formatted(request.volume()));
      }
    }
  }

  static LoadResult result(Manifest manifest) {
    return new LoadResult(
        manifest.version(), manifest.database(), manifest.databases(), manifest.dataBytes());
  }

  private static Manifest manifest(InstanceSpec spec, VolumeLayout layout) {
    Manifest manifest = manifest(spec.volume(), layout);
    if (!manifest.version().equals(spec.engineVersion())) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "volume '%s' holds PostgreSQL %s, not %s"
              .formatted(spec.volume(), manifest.version(), spec.engineVersion()));
    }
    return manifest;
  }

  private static Manifest manifest(String volume, VolumeLayout layout) {
    return Manifest.read(layout)
        .orElseThrow(() ->
            new AgentException(
                AgentError.NOT_FOUND,
                "volume '%s' holds no complete PostgreSQL instance".formatted(volume)));
  }

  private static SourceLook look(String version, Source source, InstanceRuntime runtime) {
    return SourceLook.at(version, source, available(runtime));
  }

  private static RuntimeReport available(InstanceRuntime runtime) {
    RuntimeReport report = runtime.report();
    if (!report.available()) {
      throw new AgentException(AgentError.RUNTIME_UNAVAILABLE, report.problem());
    }
    return report;
  }
}
