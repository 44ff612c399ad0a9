package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Storage arrays as an operator adds and looks at them: a real target on a host of its own. */
final class ArrayIT {
  private static final int USAGE = 2;
  private static final int NOT_FOUND = 3;
  private static final int CONFLICT = 4;
  private static final int PRECONDITION = 7;
  private static Lab lab;
  private static String endpoint;

  @BeforeAll
  static void start() {
    lab =
        Lab.start(
            Lab.Plan.of("array").withHosts(1).withAgentSetting("runtimes", "process").withTarget());
    endpoint = "grpc://127.0.0.1:" + lab.agent(lab.hosts().getFirst()).port();
  }

  @AfterAll
  static void removeEverything() {
    if (lab != null) {
      lab.close();
    }
  }

  @AfterEach
  void forget() throws Exception {
    lab.client().arrays().list().forEach(array -> lab.client().arrays().delete(array.name()));
    assertThat(lab.etcd().keys("/ramet/v1/array")).as("records and secrets").isEmpty();
  }

  private static Command add(String name, String... more) {
    String[] all = new String[more.length + 5];
    System.arraycopy(new String[] {"array", "add", name, "--driver", "linux-target"}, 0, all, 0, 5);
    System.arraycopy(more, 0, all, 5, more.length);
    return lab.cli(all);
  }

  private static void assertRefused(Command command, int exit, String... words) {
    assertThat(command.exit()).as(command.err()).isEqualTo(exit);
    for (String word : words) {
      assertThat(command.err()).contains(word);
    }
    assertThat(command.err().strip().lines().count()).as(command.err()).isEqualTo(1);
  }

  @Test
  void oneThatAnswersIsAddedAndSaysHowItIs() {
    Command added = add("lab", "--endpoint", endpoint).orFail();
    assertThat(added.out()).contains("healthy", "tgt ", "CONSISTENT_GROUP");
    assertThat(add("lab", "--endpoint", endpoint).orFail().out()).as("again").contains("healthy");
    assertThat(lab.cli("array", "ls").orFail().out()).contains("lab", "linux-target", endpoint);
    assertThat(lab.cli("array", "show", "lab").orFail().out()).contains("free of");
    assertThat(lab.cli("array", "check", "lab").orFail().out().strip()).isEqualTo("healthy");
    assertThat(lab.cli("-o", "json", "array", "show", "lab").orFail().out())
        .contains("\"healthy\": true");
    assertRefused(add("lab", "--endpoint", "grpc://127.0.0.1:1"), PRECONDITION, "does not answer");
    assertThat(lab.cli("array", "rm", "lab").orFail().out()).contains("deleted");
    assertThat(lab.cli("array", "rm", "lab").orFail().out()).contains("missing");
    assertRefused(lab.cli("array", "show", "lab"), NOT_FOUND, "no array 'lab'");
  }

  @Test
  void theSameNameForAnotherArrayIsRefused() {
    add("lab", "--endpoint", endpoint).orFail();
    assertRefused(add("lab", "--endpoint", endpoint + "/"), CONFLICT, "lab", "another name");
  }

  @Test
  void whatCannotBeUsedIsNotRecorded() {
    assertRefused(
        add("lab", "--endpoint", "grpc://127.0.0.1:1"), PRECONDITION, "does not answer", "lab");
    assertRefused(add("lab", "--endpoint", "http://x"), USAGE, "grpc://");
    assertRefused(add("lab", "--endpoint", endpoint, "--option", "x=1"), USAGE, "option");
    assertRefused(
        lab.cli("array", "add", "lab", "--driver", "tape", "--endpoint", endpoint),
        USAGE,
        "tape",
        "linux-target");
    assertRefused(add("Lab_1", "--endpoint", endpoint), USAGE, "name");
    assertThat(lab.cli("array", "ls").orFail().out()).doesNotContain("lab");
  }

  @Test
  void aSecretIsReadFromAFileAndRefusedWhereTheDriverTakesNone() throws Exception {
    Path secret = Files.writeString(lab.dir().resolve("token"), "hidden-token\n");
    Command refused = add("lab", "--endpoint", endpoint, "--secret", "api-token=" + secret);
    assertRefused(refused, USAGE, "api-token");
    assertThat(refused.err()).doesNotContain("hidden-token");
    assertRefused(
        add("lab", "--endpoint", endpoint, "--secret", "api-token=/no/such"), USAGE, "/no/such");
  }

  @Test
  void oneThatWentAwayIsShownAsSuch() {
    add("lab", "--endpoint", endpoint).orFail();
    Part agent = lab.agent(lab.hosts().getFirst());
    agent.kill();
    try {
      assertThat(lab.cli("array", "ls").orFail().out()).contains("unusable");
      Command check = lab.cli("array", "check", "lab");
      assertThat(check.exit()).isEqualTo(PRECONDITION);
      assertThat(check.out()).contains("unusable", "does not answer");
    } finally {
      agent.start();
      agent.awaitUp(java.time.Duration.ofSeconds(30));
    }
    Eventually.holds(
        "it can be used again",
        java.time.Duration.ofSeconds(30),
        () -> lab.cli("array", "check", "lab").exit() == 0);
  }
}
