package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.error.AgentError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps the agents' table in docs/errors.md what the codes are. */
class ErrorReferenceTest {
  private static final Path REFERENCE = Path.of("").toAbsolutePath().resolve("../docs/errors.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(?<code>\\w+)` \\| `(?<status>\\w+)` \\|");

  @Test
  void theTableHasEveryCodeWithItsStatusAndNoOther() throws IOException {
    String text = Files.readString(REFERENCE);
    Matcher row = ROW.matcher(text.substring(text.indexOf("\n## Agents\n")));
    Map<String, String> told = new LinkedHashMap<>();
    while (row.find()) {
      told.put(row.group("code"), row.group("status"));
    }
    Map<String, String> expected = new LinkedHashMap<>();
    for (AgentError error : AgentError.values()) {
      expected.put(error.name(), GrpcErrors.code(error).name());
    }
    assertThat(told).containsExactlyInAnyOrderEntriesOf(expected);
  }
}
