package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A load empties its volume: what must not be emptied is refused before anything is touched. */
class OccupiedVolumeTest {
  @TempDir Path root;
  private final PostgresEngine engine = new PostgresEngine(new Runtimes(List.of()));

  @BeforeEach
  void fillVolume() throws IOException {
    Files.createDirectories(root.resolve("ramet"));
    Files.createDirectories(root.resolve("data"));
    Files.writeString(root.resolve("data/PG_VERSION"), "15\n");
    new Manifest(
            "15",
            SourceLook.fingerprint(request("/dumps/one.sql")),
            "postgres",
            "shop",
            List.of("shop"),
            42,
            Map.of())
        .write(new VolumeLayout(root));
  }

  @Test
  void aVolumeThatIsCompleteByOtherArgumentsIsRefusedAndKept() {
    AgentException refused = failure("/dumps/other.sql");
    assertThat(refused.error()).isEqualTo(AgentError.ALREADY_EXISTS);
    assertThat(refused).hasMessageContaining("'v'");
    assertThat(root.resolve("data/PG_VERSION")).hasContent("15\n");
    assertThat(Manifest.read(new VolumeLayout(root))).isPresent();
  }

  @Test
  void byTheSameArgumentsItsResultIsToldAgain() throws InterruptedException {
    assertThat(engine.load(request("/dumps/one.sql"), (_, _, _) -> {}).database())
        .isEqualTo("shop");
  }

  @ParameterizedTest
  @ValueSource(strings = {"instance", "process"})
  void aVolumeThatAnInstanceIsOnIsRefusedAndKept(String mark) throws IOException {
    Files.createFile(root.resolve("ramet").resolve(mark));
    assertThat(failure("/dumps/one.sql").error()).isEqualTo(AgentError.IN_USE);
    Files.delete(root.resolve("ramet/manifest.json"));
    assertThat(failure("/dumps/one.sql").error()).isEqualTo(AgentError.IN_USE);
    assertThat(root.resolve("data/PG_VERSION")).hasContent("15\n");
  }

  private AgentException failure(String source) {
    return catchThrowableOfType(
        AgentException.class, () -> engine.load(request(source), (_, _, _) -> {}));
  }

  private LoadRequest request(String source) {
    return new LoadRequest("p", "v", root, "15", new Source(source), "", "", () -> 1L << 30);
  }
}
