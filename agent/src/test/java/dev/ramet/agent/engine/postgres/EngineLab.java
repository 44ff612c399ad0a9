package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.Secret;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.instance.Instances;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.ProcessRuntime;
import dev.ramet.agent.runtime.ProcessSettings;
import dev.ramet.agent.runtime.Runtimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** One agent's engine with one runtime, on volumes that are plain folders. */
final class EngineLab {
  static final String USER = "ramet";
  static final Secret PASSWORD = new Secret("pa$$'\"\\word-ü");

  final TestVolumes volumes;
  final InstanceRuntime runtime;
  final Runtimes runtimes;
  final PostgresEngine engine;
  final Instances instances;

  EngineLab(TestVolumes volumes, InstanceRuntime runtime) {
    this.volumes = volumes;
    this.runtime = runtime;
    this.runtimes = new Runtimes(List.of(runtime));
    this.engine = new PostgresEngine(runtimes);
    this.instances =
        new Instances(new Engines(List.of(engine)), runtimes, volumes, Duration.ofSeconds(30));
  }

  static Function<TestVolumes, InstanceRuntime> process(String agent, Path folder) {
    return volumes ->
        new ProcessRuntime(
            new ProcessSettings(
                agent,
                "postgres",
                Path.of("/usr/lib/postgresql"),
                Optional.empty(),
                folder.resolve("unpacked")),
            volumes);
  }

  LoadRequest request(String volume, String source) {
    return request(volume, source, "");
  }

  LoadRequest request(String volume, String source, String database) {
    Path root = volumes.mountOf(TestVolumes.POOL, volume).orElseThrow();
    return new LoadRequest(
        TestVolumes.POOL,
        volume,
        root,
        "",
        new Source(source),
        "",
        database,
        () -> root.toFile().getUsableSpace());
  }

  static InstanceSpec spec(String id, int port, Map<String, String> options) {
    return new InstanceSpec(
        id,
        "postgres",
        "15",
        "",
        TestVolumes.POOL,
        id,
        "127.0.0.1",
        port,
        options,
        0,
        0,
        USER,
        PASSWORD,
        Map.of("owner", "anna"));
  }
}
