package dev.ramet.agent.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.Activity;
import dev.ramet.agent.engine.Engine;
import dev.ramet.agent.engine.Engines;
import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.LoadResult;
import dev.ramet.agent.engine.ProbeRequest;
import dev.ramet.agent.engine.ProgressListener;
import dev.ramet.agent.engine.Secret;
import dev.ramet.agent.engine.SourceReport;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Signal;
import dev.ramet.agent.runtime.AttachedVolume;
import dev.ramet.agent.runtime.Identity;
import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.Programs;
import dev.ramet.agent.runtime.RunningTool;
import dev.ramet.agent.runtime.RuntimeReport;
import dev.ramet.agent.runtime.Runtimes;
import dev.ramet.agent.runtime.Server;
import dev.ramet.agent.runtime.ServerSpec;
import dev.ramet.agent.runtime.Tool;
import dev.ramet.agent.runtime.VolumeMount;
import dev.ramet.agent.runtime.Volumes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class InstancesTest {
  private static final InstanceSpec SPEC =
      new InstanceSpec(
          "c.1",
          "fake",
          "1",
          "",
          "p",
          "c.1",
          "127.0.0.1",
          0,
          Map.of(),
          0,
          0,
          "ramet",
          new Secret("secret"),
          Map.of());

  @TempDir Path root;
  private final FakeRuntime runtime = new FakeRuntime();
  private final FakeEngine engine = new FakeEngine();
  private boolean detached;
  private boolean complete = true;

  @Test
  void aRepeatedStartThatFailsLeavesTheRunningServerAlone() throws Exception {
    instances().start(SPEC);
    engine.failure = new AgentException(AgentError.INSTANCE_NOT_READY, "no answer in time");
    assertThat(failure(() -> instances().start(SPEC)).error())
        .isEqualTo(AgentError.INSTANCE_NOT_READY);
    assertThat(runtime.servers).containsKey("c.1");
    assertThat(instances().find("c.1")).map(Instance::state).contains(Instance.State.RUNNING);
  }

  /** A clone may get another name while it runs. */
  @Test
  void aRepeatedStartWithOtherWordsForPeopleIsTheSameStart() throws Exception {
    instances().start(labelled("fix-1"));
    Server first = runtime.servers.get("c.1");
    assertThat(instances().start(labelled("fix-2")).state()).isEqualTo(Instance.State.RUNNING);
    assertThat(runtime.servers.get("c.1")).isSameAs(first);
  }

  private static InstanceSpec labelled(String clone) {
    return new InstanceSpec(
        SPEC.id(),
        SPEC.engine(),
        SPEC.engineVersion(),
        SPEC.runtime(),
        SPEC.pool(),
        SPEC.volume(),
        SPEC.address(),
        SPEC.port(),
        SPEC.engineOptions(),
        SPEC.memoryLimitBytes(),
        SPEC.cpuLimitMillis(),
        SPEC.user(),
        SPEC.password(),
        Map.of("clone", clone));
  }

  @Test
  void aServerThatIsStillRecoveringIsLeftToGoOnAndFoundByTheNextCall() throws Exception {
    engine.failure = new AgentException(AgentError.INSTANCE_NOT_READY, "no answer in time");
    assertThat(failure(() -> instances().recover(SPEC)).error())
        .isEqualTo(AgentError.INSTANCE_NOT_READY);
    assertThat(instances().find("c.1")).map(Instance::state).contains(Instance.State.STARTING);
    Server first = runtime.servers.get("c.1");
    engine.failure = null;
    assertThat(instances().recover(SPEC).state()).isEqualTo(Instance.State.RUNNING);
    assertThat(runtime.servers.get("c.1")).isSameAs(first);
  }

  @Test
  void aFirstStartThatIsNotReadyInTimeIsUndone() {
    engine.failure = new AgentException(AgentError.INSTANCE_NOT_READY, "no answer in time");
    assertThat(failure(() -> instances().start(SPEC)).error())
        .isEqualTo(AgentError.INSTANCE_NOT_READY);
    assertThat(runtime.servers).isEmpty();
  }

  @Test
  void aRecoveryThatDiesIsUndone() {
    engine.failure = new AgentException(AgentError.INSTANCE_DIED, "it died");
    assertThat(failure(() -> instances().recover(SPEC)).error())
        .isEqualTo(AgentError.INSTANCE_DIED);
    assertThat(runtime.servers).isEmpty();
  }

  @Test
  void aStartThatFailsIsUndoneThoughItsLogCannotBeRead() {
    engine.failure = new AgentException(AgentError.INSTANCE_DIED, "it died");
    runtime.logFailure = new IllegalStateException("no log");
    AgentException told = failure(() -> instances().start(SPEC));
    assertThat(told.error()).isEqualTo(AgentError.INSTANCE_DIED);
    assertThat(runtime.servers).isEmpty();
    assertThat(mark()).doesNotExist();
  }

  @Test
  void aFullVolumeIsNamedWhoeverFoundOut() {
    engine.failure =
        new AgentException(AgentError.IO, "cannot write /x/conf: No space left on device");
    assertThat(failure(() -> instances().start(SPEC)).error()).isEqualTo(AgentError.POOL_FULL);
    List<String> words = List.of("PANIC:  could not fsync file: No space left on device");
    engine.failure = new AgentException(AgentError.INSTANCE_DIED, "it died", words);
    AgentException told = failure(() -> instances().start(SPEC));
    assertThat(told.error()).isEqualTo(AgentError.POOL_FULL);
    assertThat(told).hasMessageContaining("'" + SPEC.pool() + "'");
    assertThat(told.logTail()).isEqualTo(words);
    assertThat(mark()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c.1", "\0\0\0\0"})
  void whereAMarkCannotBeReadARuntimeThatDoesNotAnswerMayHoldTheInstance(String garbled)
      throws Exception {
    instances().start(SPEC);
    Files.writeString(mark(), garbled);
    runtime.available = false;
    assertThat(failure(() -> instances().delete("c.1", Duration.ZERO)).error())
        .isEqualTo(AgentError.RUNTIME_UNAVAILABLE);
    runtime.available = true;
    assertThat(instances().list())
        .extracting(Instance::state)
        .containsExactly(Instance.State.STARTING);
    instances().delete("c.1", Duration.ZERO);
    assertThat(runtime.servers).isEmpty();
    assertThat(mark()).doesNotExist();
  }

  @Test
  void aRuntimeThatWasNeverToldToRunAnythingNeedNotAnswer() throws Exception {
    runtime.available = false;
    instances().delete("c.1", Duration.ZERO);
    assertThat(instances().find("c.1")).isEmpty();
  }

  @Test
  void theMarkInADetachedVolumeSaysWhichRuntimeMustAnswer() throws Exception {
    runtime.available = false;
    detached = true;
    instances().delete("c.1", Duration.ZERO);
    runtime.available = true;
    detached = false;
    instances().start(SPEC);
    detached = true;
    runtime.available = false;
    assertThat(failure(() -> instances().delete("c.1", Duration.ZERO)).error())
        .isEqualTo(AgentError.RUNTIME_UNAVAILABLE);
    runtime.available = true;
    instances().delete("c.1", Duration.ZERO);
    assertThat(runtime.servers).isEmpty();
  }

  @Test
  void inAPoolThatCannotBeAskedARuntimeThatDoesNotAnswerMayHoldTheInstance() {
    runtime.available = false;
    detached = true;
    complete = false;
    assertThat(failure(() -> instances().delete("c.1", Duration.ZERO)).error())
        .isEqualTo(AgentError.RUNTIME_UNAVAILABLE);
  }

  @Test
  void aMarkIsThereWholeAndNothingElseIsLeftOfItsWriting() throws Exception {
    instances().start(SPEC);
    assertThat(mark()).hasContent("c.1\nfake-runtime\nready handle\n");
    try (var files = Files.list(mark().getParent())) {
      assertThat(files).containsExactly(mark());
    }
  }

  @Test
  void aFrozenInstanceAnswersNobodyUntilItIsThawedOrStartedAgain() throws Exception {
    assertThat(failure(() -> instances().freeze("c.1")).error()).isEqualTo(AgentError.NOT_FOUND);
    instances().start(SPEC);
    for (int i = 0; i < 2; i++) {
      assertThat(instances().freeze("c.1").state()).isEqualTo(Instance.State.FROZEN);
    }
    assertThat(failure(() -> instances().checkpoint("c.1")).error())
        .isEqualTo(AgentError.INSTANCE_FROZEN);
    assertThat(failure(() -> instances().activity("c.1")).error())
        .isEqualTo(AgentError.INSTANCE_FROZEN);
    for (int i = 0; i < 2; i++) {
      assertThat(instances().thaw("c.1").state()).isEqualTo(Instance.State.RUNNING);
    }
    instances().freeze("c.1");
    assertThat(instances().start(SPEC).state()).isEqualTo(Instance.State.RUNNING);
    assertThat(runtime.servers.get("c.1").frozen()).isFalse();
  }

  @Test
  void aRunningInstanceIsAskedWhereItRunsAndADeadOneIsNot() throws Exception {
    assertThat(failure(() -> instances().checkpoint("c.1")).error())
        .isEqualTo(AgentError.NOT_FOUND);
    instances().start(SPEC);
    instances().checkpoint("c.1");
    assertThat(engine.checkpoints).containsExactly(root + " 0");
    assertThat(instances().activity("c.1").use()).isEqualTo(1);
    runtime.servers.put(
        "c.1",
        new Server(
            "c.1",
            "fake-runtime",
            "handle",
            false,
            false,
            "it was killed",
            runtime.servers.get("c.1").labels()));
    AgentException told = failure(() -> instances().activity("c.1"));
    assertThat(told.error()).isEqualTo(AgentError.INSTANCE_NOT_READY);
    assertThat(told).hasMessageContaining("it was killed");
  }

  private Path mark() {
    return root.resolve("ramet/instance");
  }

  private Instances instances() {
    Volumes volumes =
        new Volumes() {
          @Override
          public Optional<Path> mountOf(String pool, String volume) {
            return Optional.of(root);
          }

          @Override
          public Search named(String volume) {
            return new Search(
                detached ? List.of() : List.of(new AttachedVolume("p", volume, root)),
                detached ? List.of("p") : List.of(),
                complete);
          }

          @Override
          public void whileAttached(String pool, String volume, Consumer<Path> look) {
            assertThat(detached).isTrue();
            look.accept(root);
          }

          @Override
          public List<AttachedVolume> attached() {
            throw new AssertionError("one instance is looked for by the cost of all volumes");
          }
        };
    return new Instances(
        new Engines(List.of(engine)),
        new Runtimes(List.of(runtime)),
        volumes,
        Duration.ofSeconds(1));
  }

  private static AgentException failure(Call call) {
    return catchThrowableOfType(AgentException.class, call::run);
  }

  private interface Call {
    void run() throws InterruptedException;
  }

  private static final class FakeEngine implements Engine {
    private final List<String> checkpoints = new ArrayList<>();
    private AgentException failure;

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public SourceReport probe(ProbeRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public LoadResult load(LoadRequest request, ProgressListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void endLeftovers(String pool, String volume) {}

    @Override
    public VolumeMount mount(String pool, String volume, Path place) {
      return new VolumeMount(pool, volume, place, "/inside", Map.of());
    }

    @Override
    public ServerSpec prepare(InstanceSpec spec, VolumeMount mount, InstanceRuntime on) {
      return new ServerSpec(
          spec.id(),
          new Programs("fake", "1"),
          mount,
          List.of("fake"),
          Map.of(),
          Identity.ROOT,
          0,
          0,
          Map.of(),
          Signal.SIGINT);
    }

    @Override
    public void awaitReady(
        InstanceSpec spec,
        VolumeMount mount,
        BooleanSupplier alive,
        Duration timeout,
        Runnable ready) {
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void checkpoint(VolumeMount mount, int port) {
      checkpoints.add(mount.root() + " " + port);
    }

    @Override
    public Activity activity(VolumeMount mount, int port) {
      return new Activity(List.of(), checkpoints.size(), 0);
    }

    @Override
    public void requireAnswer(VolumeMount mount, int port) {}

    @Override
    public Optional<AgentException> diagnose(InstanceSpec spec, List<String> logTail) {
      return Optional.empty();
    }

    @Override
    public void warmUp() {}
  }

  private static final class FakeRuntime implements InstanceRuntime {
    private final Map<String, Server> servers = new HashMap<>();
    private boolean available = true;
    private RuntimeException logFailure;

    @Override
    public String name() {
      return "fake-runtime";
    }

    @Override
    public RuntimeReport report() {
      return new RuntimeReport(name(), available ? "" : "it does not answer", Map.of());
    }

    @Override
    public void ensurePrograms(Programs programs) {}

    @Override
    public Identity databaseUser(Programs programs) {
      return Identity.ROOT;
    }

    @Override
    public String inside(VolumeMount mount, String relative) {
      return relative;
    }

    @Override
    public String inside(Path file) {
      return file.toString();
    }

    @Override
    public void create(ServerSpec spec) {}

    @Override
    public Server launch(ServerSpec spec) {
      Server server = new Server(spec.id(), name(), "handle", true, false, "", spec.labels());
      servers.put(spec.id(), server);
      return server;
    }

    @Override
    public Optional<Server> find(String id) {
      answer();
      return Optional.ofNullable(servers.get(id));
    }

    @Override
    public List<Server> list() {
      return List.copyOf(servers.values());
    }

    @Override
    public boolean remembersAfterReboot() {
      return true;
    }

    @Override
    public void delete(String id, Duration grace) {
      answer();
      servers.remove(id);
    }

    @Override
    public void limit(String id, long memoryBytes, int cpuMillis) {}

    @Override
    public void freeze(String id) {
      setFrozen(id, true);
    }

    @Override
    public void thaw(String id) {
      setFrozen(id, false);
    }

    private void setFrozen(String id, boolean frozen) {
      Server server = servers.get(id);
      servers.put(id, new Server(id, name(), server.handle(), true, frozen, "", server.labels()));
    }

    @Override
    public void log(String id, int tailLines, boolean follow, Consumer<List<String>> lines) {
      if (logFailure != null) {
        throw logFailure;
      }
    }

    @Override
    public void boundLogs() {}

    @Override
    public RunningTool start(Tool tool) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void endTools(String mountKey) {}

    @Override
    public void warmUp() {}

    private void answer() {
      if (!available) {
        throw new AgentException(AgentError.RUNTIME_UNAVAILABLE, "it does not answer");
      }
    }
  }
}
