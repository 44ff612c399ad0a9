package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Users of real hosts and databases find what their models say. {@code -Dramet.seed=N} repeats a
 * run's choices; {@code deploy/chaos} makes more rounds. ManyLivesIT of the coordinator does the
 * same far more often, on hosts in memory.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ChaosIT {
  private static final int OPERATIONS = 500;
  private static final int ROUNDS = 14;
  private static Chaos chaos;

  @BeforeAll
  static void buildAnImage() throws IOException {
    chaos = Chaos.begin(Long.getLong("ramet.seed", System.nanoTime()), true);
  }

  @AfterAll
  static void removeEverything() {
    if (chaos != null) {
      chaos.close();
    }
  }

  @Test
  @Order(1)
  void whateverUsersDoHostsAndRecordsAreAsTheirModelsSay() throws Exception {
    chaos.live(OPERATIONS);
  }

  /** Afterwards, for clocks stay wrong. */
  @Test
  @Order(2)
  void whateverIsKilledEverythingIsAsTheUsersModelsSay() throws Exception {
    chaos.kill(ROUNDS, List.of(Victims.Kind.values()));
  }

  @Test
  @Order(3)
  void theScriptRefusesWhatItDoesNotKnow() {
    String script = Lab.root().resolve("deploy/chaos").toString();
    for (List<String> arguments :
        List.of(
            List.of("--colour"),
            List.of("--rounds", "0"),
            List.of("--seed"),
            List.of("--victims", "agent,nobody"))) {
      List<String> command = new ArrayList<>(List.of(script));
      command.addAll(arguments);
      Command refused = Command.run(command.toArray(String[]::new));
      assertThat(refused.exit()).as("%s", arguments).isEqualTo(2);
      assertThat(refused.err()).contains("usage: deploy/chaos");
    }
    String usage = Command.run(script, "--help").orFail().out();
    for (Victims.Kind kind : Victims.Kind.values()) {
      assertThat(usage).contains(kind.name().toLowerCase(Locale.ROOT));
    }
  }
}
