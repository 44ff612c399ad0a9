package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the exit codes in docs/errors.md what they are. */
class ErrorReferenceTest {
  private static final Path REFERENCE = Path.of("").toAbsolutePath().resolve("../docs/errors.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(?<code>\\w+)` \\| `(?<status>\\w+)` \\| (?<exit>\\d+|-) \\|");

  @TempDir Path home;

  @Test
  void eachCodeEndsTheCommandAsTheTablesSay() throws IOException {
    List<String> neverTold = new ArrayList<>();
    Map<String, String> exitByStatus = new TreeMap<>();
    try (FakeCoordinator coordinator = new FakeCoordinator()) {
      coordinator.addExamples();
      CliRun.Surroundings here =
          new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
      Matcher row = ROW.matcher(Files.readString(REFERENCE));
      while (row.find()) {
        String exit = row.group("exit");
        if (exit.equals("-")) {
          neverTold.add(row.group("code"));
        } else {
          assertThat(exitByStatus.merge(row.group("status"), exit, (one, _) -> one))
              .as(row.group("code"))
              .isEqualTo(exit);
        }
      }
      exitByStatus.forEach((status, exit) -> {
        coordinator.deletionError = FakeCoordinator.error(Code.valueOf(status), "SOME_CODE", "no");
        assertThat(here.run("image", "rm", "app").status())
            .as(status)
            .isEqualTo(Integer.parseInt(exit));
      });
    }
    assertThat(exitByStatus).hasSizeGreaterThan(8);
    assertThat(neverTold).containsExactly("IN_FLIGHT", "STALE_FENCE", "CANCELLED");
  }
}
