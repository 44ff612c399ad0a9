package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  @TempDir Path folder;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @Test
  void theTailIsTheLastLinesAndZeroIsAll() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "a\nb\nc\nunfinished");
    new LogFile(file).read(2, false, () -> false, lines::addAll);
    assertThat(lines).containsExactly("c", "unfinished");
    lines.clear();
    new LogFile(file).read(0, false, () -> false, lines::addAll);
    assertThat(lines).containsExactly("a", "b", "c", "unfinished");
    lines.clear();
    new LogFile(folder.resolve("none")).read(0, false, () -> false, lines::addAll);
    assertThat(lines).isEmpty();
  }

  @Test
  void followingTellsNewLinesUntilTheServerEnds() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "a\n");
    AtomicBoolean alive = new AtomicBoolean(true);
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                new LogFile(file).read(1, true, alive::get, lines::addAll);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    while (!lines.contains("a")) {
      Thread.sleep(5);
    }
    Files.writeString(file, "b\n", StandardOpenOption.APPEND);
    alive.set(false);
    reader.join(Duration.ofSeconds(5));
    assertThat(lines).containsExactly("a", "b");
  }
}
