package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** How the command line has to say no. */
final class Refusal {
  private Refusal() {}

  /**
   * It failed, said why in one line that holds these words, and showed no stack trace and no
   * password.
   */
  static void refused(Command command, String... words) {
    assertThat(command.exit())
        .as("exit code; it said: %s%s", command.err(), command.out())
        .isNotZero();
    List<String> complaints =
        command.err().lines().filter(line -> line.startsWith("ramet: ")).toList();
    assertThat(complaints).as("one clear line in: %s", command.err()).hasSize(1);
    for (String word : words) {
      assertThat(complaints.getFirst()).contains(word);
    }
    assertThat(command.out() + command.err())
        .doesNotContain("Exception")
        .doesNotContain("\tat ")
        .doesNotContain(SourceServer.PASSWORD)
        .doesNotContain(SourceServer.WRONG_PASSWORD);
  }
}
