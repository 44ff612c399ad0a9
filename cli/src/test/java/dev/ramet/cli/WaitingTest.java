package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.v1.Operation;
import dev.ramet.proto.v1.WatchCloneRequest;
import dev.ramet.proto.v1.WatchOperationRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every command that starts work: it stays by itself and with --wait, and leaves with --no-wait.
 */
class WaitingTest {
  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();
  private CliRun.Surroundings here;

  /** The commands, what they show while the work goes on and when it is done. */
  enum Work {
    CLONE_CREATE(
        List.of("clone", "create", "fix-2", "--image", "app"),
        "\"state\": \"PENDING\"",
        "\"state\": \"READY\""),
    CLONE_RM(
        List.of("clone", "rm", "fix-1"), "\"result\": \"deleting\"", "\"result\": \"deleted\""),
    IMAGE_BUILD(
        List.of("image", "build", "app", "--from", "/x.dump"),
        "\"done\": false",
        "\"revision\": 7"),
    IMAGE_RM(List.of("image", "rm", "app"), "\"result\": \"deleting\"", "\"result\": \"deleted\""),
    REVISION_RM(
        List.of("image", "rm", "app:7"), "\"result\": \"deleting\"", "\"result\": \"deleted\"");

    private final List<String> command;
    private final String begun;
    private final String done;

    Work(List<String> command, String begun, String done) {
      this.command = command;
      this.begun = begun;
      this.done = done;
    }
  }

  @BeforeEach
  void fill() {
    coordinator.addExamples();
    here = new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
    Operation done = coordinator.deletion;
    coordinator.deletion = done.toBuilder().setDone(false).clearEndTime().build();
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  private CliRun run(Work work, String... more) {
    return here.run(
        Stream.concat(
                Stream.concat(work.command.stream(), Stream.of("-o", "json")), Stream.of(more))
            .toArray(String[]::new));
  }

  private boolean watched() {
    return coordinator.requests.stream()
        .anyMatch(request ->
            request instanceof WatchCloneRequest || request instanceof WatchOperationRequest);
  }

  @ParameterizedTest
  @EnumSource
  void byItselfItStaysUntilTheWorkIsDone(Work work) {
    CliRun run = run(work);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains(work.done);
    assertThat(watched()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void withWaitItStaysToo(Work work) {
    CliRun run = run(work, "--wait");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains(work.done);
    assertThat(watched()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void withNoWaitItLeavesAtOnceAndSaysThatItGoesOn(Work work) {
    CliRun run = run(work, "--no-wait");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains(work.begun).doesNotContain(work.done);
    assertThat(run.err()).isEmpty();
    assertThat(watched()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotDoneInTimeIsExitCodeSix(Work work) {
    coordinator.cloneStates.clear();
    coordinator.operationStates.removeLast();
    coordinator.clonesStay = true;
    CliRun run = run(work, "--timeout", "300ms");
    assertThat(run.status()).as(run.err()).isEqualTo(6);
    assertThat(run.err()).contains("after 300 ms").contains("goes on");
  }
}
