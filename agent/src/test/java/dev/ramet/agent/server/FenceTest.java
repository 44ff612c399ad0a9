package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.state.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FenceTest {
  @TempDir Path dir;
  private StateFile file;

  @BeforeEach
  void nameTheFile() {
    file = new StateFile(dir.resolve("fence"));
  }

  @Test
  void aSmallerFenceThanTheGreatestSeenIsStale() throws IOException {
    Fence fence = Fence.open(file);
    fence.pass(7);
    fence.pass(7);
    fence.pass(9);
    AgentException refusal = catchThrowableOfType(AgentException.class, () -> fence.pass(8));
    assertThat(refusal.error()).isEqualTo(AgentError.STALE_FENCE);
  }

  @Test
  void theGreatestSeenSurvivesARestart() throws IOException {
    Fence.open(file).pass(41);
    Fence reopened = Fence.open(file);
    assertThatThrownBy(() -> reopened.pass(40)).isInstanceOf(AgentException.class);
    reopened.pass(41);
  }

  @Test
  void theFileIsWrittenOnlyWhenTheNumberGrows() throws IOException {
    Fence fence = Fence.open(file);
    fence.pass(5);
    Files.delete(dir.resolve("fence"));
    fence.pass(5);
    assertThat(dir.resolve("fence")).doesNotExist();
    fence.pass(6);
    assertThat(dir.resolve("fence")).hasContent("6");
  }

  @Test
  void aFenceThatCannotBeKeptIsNotPassed() throws IOException {
    Fence fence = Fence.open(new StateFile(dir.resolve("gone/fence")));
    AgentException refusal = catchThrowableOfType(AgentException.class, () -> fence.pass(3));
    assertThat(refusal.error()).isEqualTo(AgentError.IO);
    Files.createDirectory(dir.resolve("gone"));
    fence.pass(2);
  }

  @Test
  void garbageInTheFileIsAClearErrorAtStart() throws IOException {
    file.write("seven");
    assertThatThrownBy(() -> Fence.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds 'seven', not a number");
  }
}
