package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.instance.Instance;
import dev.ramet.agent.runtime.LabDocker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads, starts and deletes that are cut at any point, and repeated: the same end state. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CutIT {
  private static final int ROUNDS = 3;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private Path folder;
  private SourcePostgres source;

  @BeforeAll
  void startSource(@TempDir Path temporary) throws Exception {
    System.out.println("seed " + seed);
    folder = temporary;
    Commands.run(Command.of("chmod", "755", folder.toString()), Duration.ofSeconds(5));
    source = SourcePostgres.start(folder.resolve("source"));
    source.sql("postgres", "CREATE DATABASE shop");
    source.sql("shop", "CREATE TABLE t AS SELECT generate_series(1, 100000) x");
  }

  @AfterAll
  void stopSource() throws Exception {
    if (source != null) {
      source.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aLoadThatIsCancelledLeavesNoToolAndCanBeRepeated(String runtime) throws Exception {
    EngineLab lab = lab(runtime, "cancelled-" + runtime);
    for (int i = 0; i < ROUNDS; i++) {
      Thread load =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  lab.engine.load(
                      lab.request("cancelled-" + runtime, source.url("shop")), (_, _, _) -> {});
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      Thread.sleep(random.nextInt(2000));
      load.interrupt();
      assertThat(load.join(Duration.ofSeconds(20))).as("ends soon").isTrue();
      assertNothingRuns(runtime, "cancelled-" + runtime);
      assertThat(BaseBackup.passwordFile("p/cancelled-" + runtime)).doesNotExist();
    }
    LoadResult result =
        lab.engine.load(lab.request("cancelled-" + runtime, source.url("shop")), (_, _, _) -> {});
    assertThat(result.database()).isEqualTo("shop");
    assertNothingRuns(runtime, "cancelled-" + runtime);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void aLoadWhoseAgentWasKilledIsCleanedUpAndCanBeRepeated(String runtime) throws Exception {
    String volume = "killed-load-" + runtime;
    EngineLab lab = lab(runtime, volume);
    for (int i = 0; i < ROUNDS; i++) {
      liveAndDie(runtime, volume, "load", source.url("shop"), 3000);
      lab.instances.warmUp();
      lab.engine.endLeftovers(TestVolumes.POOL, volume);
      // What the dead agent had asked of Docker last may be done only now; the next look finds it.
      Thread.sleep(500);
      lab.instances.warmUp();
      assertNothingRuns(runtime, volume);
      assertThat(BaseBackup.passwordFile("p/" + volume)).doesNotExist();
    }
    assertThat(lab.engine.load(lab.request(volume, source.url("shop")), (_, _, _) -> {}).database())
        .isEqualTo("shop");
    assertThat(ControlFile.state(folder.resolve("pool").resolve(volume).resolve("data")))
        .isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void startsAndDeletesWhoseAgentWasKilledCanBeRepeated(String runtime) throws Exception {
    String volume = "killed-start-" + runtime;
    EngineLab lab = lab(runtime, volume);
    lab.engine.load(lab.request(volume, source.url("shop")), (_, _, _) -> {});
    for (int i = 0; i < ROUNDS; i++) {
      int port = SourcePostgres.freePort();
      liveAndDie(runtime, volume, "start", Integer.toString(port), 1500);
      EngineLab next = lab(runtime, volume);
      next.instances.warmUp();
      next.instances.find(volume);
      if (random.nextBoolean()) {
        Instance started = next.instances.start(EngineLab.spec(volume, port, Map.of()));
        assertThat(started.state()).isEqualTo(Instance.State.RUNNING);
        assertThat(
                SourcePostgres.query(
                    port,
                    EngineLab.USER,
                    EngineLab.PASSWORD.value(),
                    "shop",
                    "SELECT count(*) FROM t"))
            .isEqualTo("100000");
        assertThat(next.instances.list()).hasSize(1);
      }
      next.instances.delete(volume, Duration.ofSeconds(10));
      assertThat(next.instances.find(volume)).isEmpty();
      assertThat(next.instances.list()).isEmpty();
      assertNothingRuns(runtime, volume);
    }
  }

  private EngineLab lab(String runtime, String volume) {
    TestVolumes volumes = new TestVolumes(folder.resolve("pool"));
    volumes.create(volume);
    return new EngineLab(volumes, CutMain.runtime(runtime, agent(runtime), folder).apply(volumes));
  }

  private String agent(String runtime) {
    return "it-" + runtime + "-" + folder.getFileName();
  }

  private void liveAndDie(String runtime, String volume, String verb, String argument, int most)
      throws Exception {
    Duration life = Duration.ofMillis(random.nextInt(most));
    liveAndDie(life, List.of(runtime, agent(runtime), folder.toString(), volume, verb, argument));
  }

  /** Runs {@link CutMain} with these arguments for a while, and kills it. */
  static void liveAndDie(Duration life, List<String> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                CutMain.class.getName()));
    command.addAll(arguments);
    Process agent = Commands.start(new Command(command, LabDocker.environment()));
    Thread errors = Thread.ofVirtual().start(() -> drain(agent));
    try (BufferedReader output = Commands.reader(agent.getInputStream())) {
      String line = output.readLine();
      while (line != null && !line.equals("READY")) {
        line = output.readLine();
      }
      assertThat(line).isEqualTo("READY");
      Thread.sleep(life);
    } finally {
      assertThat(agent.isAlive()).as("it lived until it was killed").isTrue();
      agent.destroyForcibly().waitFor();
      errors.join();
    }
  }

  private static void drain(Process agent) {
    try (BufferedReader errors = Commands.reader(agent.getErrorStream())) {
      errors.lines().filter(line -> line.contains("Exception")).forEach(System.out::println);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertNothingRuns(String runtime, String volume) throws Exception {
    Path root = folder.resolve("pool").resolve(volume);
    assertThat(ProcessTable.find(pid -> ProcessTable.worksIn(pid, root))).isEmpty();
    assertThat(
            ProcessTable.find(pid ->
                ("p/" + volume).equals(ProcessTable.environment(pid).get("RAMET_TOOL"))
                    && agent(runtime).equals(ProcessTable.environment(pid).get("RAMET_AGENT"))))
        .isEmpty();
    if (runtime.equals("docker")) {
      assertThat(LabDocker.containersOf(agent(runtime))).isEmpty();
    }
    assertThat(Files.isDirectory(root)).isTrue();
  }
}
