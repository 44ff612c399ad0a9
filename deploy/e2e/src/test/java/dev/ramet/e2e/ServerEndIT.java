package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that ends by itself is noticed long before everything is looked at again. */
@Timeout(180)
final class ServerEndIT {
  private static final Duration READY = Duration.ofMinutes(1);

  /** Its agent looks every second, and it is started again; all is looked at every 15 s. */
  private static final Duration NOTICED = Duration.ofSeconds(6);

  private static Lab lab;

  @BeforeAll
  static void buildAnImage() throws IOException {
    lab = Lab.start(Lab.Plan.of("ends").withHosts(1));
    lab.buildEverywhere("app", lab.source(1));
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @Test
  void aServerThatIsKilledIsNoticedAtOnceAlsoByAnAgentThatDidNotStartIt() throws Exception {
    for (String runtime : List.of("process", "docker")) {
      Clone clone =
          lab.client()
              .clones()
              .create(runtime, CloneSpec.of("app").withRuntime(runtime))
              .await(READY);
      killedIsBackSoon(clone);
    }
    Part agent = lab.agent(lab.hosts().getFirst());
    agent.kill();
    agent.start();
    agent.awaitUp(Lab.UP);
    Eventually.pause(Duration.ofSeconds(4)); // what a new agent's host has is looked at anyhow
    for (String runtime : List.of("process", "docker")) {
      killedIsBackSoon(lab.client().clones().get(runtime));
    }
  }

  private static void killedIsBackSoon(Clone clone) throws IOException {
    String id = clone.name() + "." + clone.uid();
    if (clone.runtime().equals("docker")) {
      Command.run("docker", "kill", "ramet-" + id).orFail();
    } else {
      Path mounts = lab.pool(lab.hosts().getFirst()).resolve("mnt");
      Path lock = mounts.resolve(id).resolve("data/postmaster.pid");
      Command.run("kill", "-9", Files.readAllLines(lock).getFirst()).orFail();
    }
    Eventually.holds(
        clone.name() + " answers again",
        NOTICED,
        () -> {
          try (Database database = Database.connect(clone.url().reveal())) {
            return database.value("SELECT 1").equals("1");
          }
        });
  }
}
