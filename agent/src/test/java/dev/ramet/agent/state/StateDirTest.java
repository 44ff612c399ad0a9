package dev.ramet.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirTest {
  @TempDir Path dir;

  @Test
  void aSecondHolderIsRefusedUntilTheFirstIsGone() throws IOException {
    StateDir first = StateDir.open(dir);
    assertThatThrownBy(() -> StateDir.open(dir))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another agent uses the state directory " + dir);
    first.close();
    StateDir.open(dir).close();
  }

  @Test
  void theIdStaysOverRestarts() throws IOException {
    String id;
    try (StateDir state = StateDir.open(dir)) {
      id = state.agentId();
      assertThat(state.agentId()).isEqualTo(id);
    }
    try (StateDir state = StateDir.open(dir)) {
      assertThat(state.agentId()).isEqualTo(id);
    }
  }

  @Test
  void twoDirectoriesHaveTwoIds() throws IOException {
    try (StateDir one = StateDir.open(dir.resolve("1"));
        StateDir two = StateDir.open(dir.resolve("2"))) {
      assertThat(one.agentId()).isNotEqualTo(two.agentId());
    }
  }

  @Test
  void aWriteThatWasCutShortLeavesTheOldLine() throws IOException {
    StateFile file = new StateFile(dir.resolve("f"));
    assertThat(file.read()).isEmpty();
    file.write("old");
    // killed after the new content was begun and before the rename
    Files.writeString(dir.resolve("f.new"), "ne");
    assertThat(file.read()).contains("old");
    file.write("new");
    assertThat(file.read()).contains("new");
    assertThat(dir.resolve("f.new")).doesNotExist();
  }
}
