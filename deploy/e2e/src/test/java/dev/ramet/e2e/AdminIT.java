package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.CloneSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator sees when somebody put things onto a host, or took things away, by hand. */
final class AdminIT {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final int DIFFERENCES = 8;
  private static final String GHOST = "ghost.abcd0123";
  private static Lab lab;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("admin").withHosts(1).withAgentSetting("runtimes", "process"));
    lab.buildEverywhere("app", lab.source(1));
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @Test
  void whatWasPutThereAndWhatWasTakenAwayIsNamedAndTheOrphanGoesWhenAskedFor() throws IOException {
    lab.client().clones().create("c", CloneSpec.of("app").withRuntime("process")).await(SOON);
    String instance = "c." + lab.client().clones().get("c").uid();
    assertThat(lab.cli("admin", "check").orFail().err()).contains("hosts and records agree");

    Path ghost = putGhost(lab.pool(lab.hosts().getFirst()));
    Command check = killAndCheck();
    assertThat(check.exit()).isEqualTo(DIFFERENCES);
    assertThat(check.out())
        .containsPattern("orphan +volume +" + GHOST.replace(".", "\\."))
        .containsPattern("missing +instance +" + instance.replace(".", "\\."))
        .contains("clone c wants it");
    assertThat(ghost).as("the grace period is not over").exists();

    Command reaped = lab.cli("admin", "orphans", "--reap").orFail();
    assertThat(reaped.out()).containsPattern(GHOST.replace(".", "\\.") + " +removed");
    assertThat(ghost).doesNotExist();
    Eventually.holds("all agrees again", SOON, () -> lab.cli("admin", "check").exit() == 0);
    assertThat(lab.client().clones().get("c").uid()).isEqualTo(instance.substring(2));
    lab.assertHoldsOnlyTheReady(SOON);
    lab.deleteAllClones();
    lab.assertNothingLeft();
  }

  /** A volume as somebody makes it who copies files about in a pool. */
  private static Path putGhost(Path pool) throws IOException {
    Path ghost = pool.resolve("volumes").resolve(GHOST + ".raw");
    try (DirectoryStream<Path> snapshots = Files.newDirectoryStream(pool.resolve("snapshots"))) {
      Path snapshot = snapshots.iterator().next();
      Command.run("cp", "--reflink=always", snapshot.toString(), ghost.toString()).orFail();
    }
    return ghost;
  }

  /** The leader looks at everything every 15 s and starts what died: at times it is quicker. */
  private static Command killAndCheck() throws IOException {
    Command check = lab.cli("admin", "check");
    for (int i = 0; i < 3 && !check.out().contains("missing"); i++) {
      for (String process : lab.traces().databases()) {
        ProcessHandle.of(Long.parseLong(process.split(" ")[0]))
            .ifPresent(ProcessHandle::destroyForcibly);
      }
      check = lab.cli("admin", "check");
    }
    return check;
  }
}
