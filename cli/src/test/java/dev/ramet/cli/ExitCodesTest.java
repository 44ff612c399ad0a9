package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import dev.ramet.proto.v1.Clone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documentation promises of exit codes is what commands do. */
class ExitCodesTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([0-9]+) \\| (.+) \\|$");

  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();
  private CliRun.Surroundings here;

  @BeforeEach
  void fill() {
    coordinator.addExamples();
    here = new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  /** Each documented code, made to happen as its meaning says. */
  @Test
  void everyDocumentedCodeIsSeenAndNoOther() throws IOException {
    Set<Integer> seen = new HashSet<>();
    seen.add(expect(0, "clone", "ls"));
    seen.add(expect(0, "clone", "rm", "nope"));
    coordinator.cloneStates.clear();
    coordinator.cloneStates.add(Examples.failed("any"));
    seen.add(expect(1, "clone", "create", "bad", "--image", "app"));
    seen.add(expect(2, "clone", "create"));
    seen.add(expect(2, "clone", "create", "c", "--image", "app", "--memory", "lots"));
    seen.add(expect(3, "clone", "show", "nope"));
    seen.add(expect(3, "image", "show", "app:9"));
    seen.add(expect(3, "host", "show", "nope"));
    seen.add(expect(3, "operation", "show", "nope"));
    seen.add(expect(3, "context", "use", "nope"));
    coordinator.nextError =
        FakeCoordinator.error(Code.ALREADY_EXISTS, "CLONE_EXISTS", "it is there and differs");
    seen.add(expect(4, "clone", "create", "fix-1", "--image", "other"));
    seen.add(expect(5, "clone", "ls", "--server", "127.0.0.1:1"));
    coordinator.cloneStates.clear();
    seen.add(expect(6, "clone", "create", "late", "--image", "app", "--timeout", "200ms"));
    coordinator.deletionError =
        FakeCoordinator.error(Code.FAILED_PRECONDITION, "IMAGE_HAS_CLONES", "app has clones: c");
    seen.add(expect(7, "image", "rm", "app"));
    coordinator.clones.put(
        "slow", Examples.pending("slow").toBuilder().setState(Clone.State.PROVISIONING).build());
    seen.add(expect(7, "clone", "psql", "slow"));
    coordinator.admin.unreadable.add("/ramet/v1/clones/x");
    seen.add(expect(8, "admin", "check"));
    // by a signal: LauncherIT.interruptedItSaysWhatGoesOnAndExitsWith130
    seen.add(ExitCode.INTERRUPTED.status());

    assertThat(documented().keySet()).containsExactlyInAnyOrderElementsOf(seen);
  }

  private int expect(int status, String... command) {
    CliRun run = here.run(command);
    assertThat(run.status()).as("%s: %s", String.join(" ", command), run.err()).isEqualTo(status);
    return run.status();
  }

  private static TreeMap<Integer, String> documented() throws IOException {
    String reference = Files.readString(Path.of("../docs/cli.md"));
    String section = reference.substring(reference.indexOf("## Exit codes"));
    TreeMap<Integer, String> codes = new TreeMap<>();
    for (MatchResult row :
        ROW.matcher(section.substring(0, section.indexOf("\n## "))).results().toList()) {
      codes.put(Integer.valueOf(row.group(1)), row.group(2));
    }
    return codes;
  }

  @Test
  void ofSeveralDeletionsTheGreatestCodeCounts() {
    coordinator.clones.put("fix-2", Examples.clone("fix-2"));
    coordinator.nextError = FakeCoordinator.error(Code.ABORTED, "IN_FLIGHT", "being changed");
    expect(4, "clone", "rm", "fix-1", "fix-2", "nope");
  }

  @Test
  void eachKindOfRefusalHasItsExitCode() {
    assertExit(Code.INVALID_ARGUMENT, 2);
    assertExit(Code.NOT_FOUND, 3);
    assertExit(Code.ALREADY_EXISTS, 4);
    assertExit(Code.ABORTED, 4);
    assertExit(Code.DEADLINE_EXCEEDED, 6);
    assertExit(Code.FAILED_PRECONDITION, 7);
    assertExit(Code.RESOURCE_EXHAUSTED, 7);
    assertExit(Code.UNIMPLEMENTED, 1);
    assertExit(Code.INTERNAL, 1);
    assertExit(Code.PERMISSION_DENIED, 1);
  }

  private void assertExit(Code code, int status) {
    coordinator.nextError = FakeCoordinator.error(code, "REASON", "one\ntwo");
    assertThat(here.run("clone", "ls")).isEqualTo(new CliRun(status, "", "ramet: one; two\n"));
  }
}
