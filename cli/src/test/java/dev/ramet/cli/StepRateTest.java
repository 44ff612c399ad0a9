package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.client.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StepRateTest {
  private static final long MIB = 1 << 20;
  private static final long SECOND = 1_000_000_000;

  private final StepRate rate = new StepRate();

  private static Step step(String name, Duration elapsed, long done, long total) {
    return new Step(name, Step.State.RUNNING, null, elapsed, done, total);
  }

  @Test
  void aStepWithoutBytesHasNone() {
    assertThat(rate.of(step("attach", Duration.ofSeconds(3), 0, 0), 0)).isEmpty();
  }

  @Test
  void theFirstLookTakesTheStepsOwnTime() {
    assertThat(rate.of(step("copy", Duration.ofSeconds(2), 200 * MIB, 1000 * MIB), 0))
        .isEqualTo(" 200 MiB of 1000 MiB, 100 MiB/s");
  }

  @Test
  void aStepThatHasHardlyBegunHasNoRateYet() {
    assertThat(rate.of(step("copy", Duration.ofMillis(400), 200 * MIB, 0), 0))
        .as("and where the whole is not known it is not told")
        .isEqualTo(" 200 MiB");
  }

  @Test
  void theRateFollowsTheLastSeconds() {
    var unused = rate.of(step("copy", Duration.ofSeconds(2), 200 * MIB, 0), 0);
    assertThat(rate.of(step("copy", Duration.ofSeconds(3), 500 * MIB, 0), SECOND))
        .as("a fifth of the way from 100 to 300 after a fifth of the window")
        .isEqualTo(" 500 MiB, 140 MiB/s");
    assertThat(rate.of(step("copy", Duration.ofSeconds(9), 620 * MIB, 0), 7 * SECOND))
        .as("what is older than the window is forgotten")
        .isEqualTo(" 620 MiB, 20 MiB/s");
  }

  @Test
  void theNextStepAndOneThatBeginsAnewAreCountedApart() {
    var unused = rate.of(step("copy", Duration.ofSeconds(2), 200 * MIB, 0), 0);
    assertThat(rate.of(step("replicate host-b", Duration.ofSeconds(1), 10 * MIB, 0), SECOND))
        .isEqualTo(" 10 MiB, 10 MiB/s");
    assertThat(rate.of(step("replicate host-b", Duration.ofSeconds(2), 2 * MIB, 0), 2 * SECOND))
        .as("no rate below nothing")
        .isEqualTo(" 2 MiB, 10 MiB/s");
  }
}
