package dev.ramet.agent.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcessTableTest {
  @Test
  void aProcessBelongsToItsUserAndToNobodyElse() throws Exception {
    int own = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    long self = ProcessHandle.current().pid();
    assertThat(ProcessTable.belongsTo(self, own)).isTrue();
    assertThat(ProcessTable.belongsTo(self, own + 1)).isFalse();
    assertThat(ProcessTable.belongsTo(Long.MAX_VALUE, own)).isFalse();
  }
}
