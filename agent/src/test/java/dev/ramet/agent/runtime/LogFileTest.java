package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
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
  void aLogThatAServerFillsStaysBoundedAndItsEndIsTold() throws Exception {
    Path file = folder.resolve("log");
    LogFile log = new LogFile(file);
    log.bound(100);
    Command fill =
        Command.of(
            "sh", "-c", "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo line $i; sleep 0.01; done");
    Process server = Commands.startLogging(fill, file);
    long most = 0;
    while (server.isAlive()) {
      log.bound(100);
      most = Math.max(most, Files.size(file));
      Thread.sleep(1);
    }
    assertThat(most).isLessThan(1000);
    assertThat(Files.size(folder.resolve("log.1"))).isBetween(1L, 1000L);
    Files.writeString(file, "last\n", StandardOpenOption.APPEND);
    log.read(4, false, () -> false, lines::addAll);
    assertThat(lines).containsExactly("line 198", "line 199", "line 200", "last");
    lines.clear();
    log.read(0, false, () -> false, lines::addAll);
    assertThat(lines).endsWith("line 200", "last").noneMatch(line -> line.contains("\0"));
  }

  @Test
  void aLogThatIsCutWhileItIsFollowedIsFollowedOn() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "some line\n".repeat(20));
    AtomicBoolean alive = new AtomicBoolean(true);
    Thread reader = follow(file, alive);
    while (!lines.contains("some line")) {
      Thread.sleep(5);
    }
    new LogFile(file).bound(100);
    Files.writeString(file, "after\n", StandardOpenOption.APPEND);
    while (!lines.contains("after")) {
      Thread.sleep(5);
    }
    alive.set(false);
    reader.join(Duration.ofSeconds(5));
    assertThat(lines).containsExactly("some line", "after");
  }

  private Thread follow(Path file, AtomicBoolean alive) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            new LogFile(file).read(1, true, alive::get, lines::addAll);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Test
  void followingTellsNewLinesUntilTheServerEnds() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "a\n");
    AtomicBoolean alive = new AtomicBoolean(true);
    Thread reader = follow(file, alive);
    while (!lines.contains("a")) {
      Thread.sleep(5);
    }
    Files.writeString(file, "b\n", StandardOpenOption.APPEND);
    alive.set(false);
    reader.join(Duration.ofSeconds(5));
    assertThat(lines).containsExactly("a", "b");
  }
}
