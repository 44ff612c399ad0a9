package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FreshReportTest {
  private static final RuntimeReport SILENT = new RuntimeReport("docker", "no answer", Map.of());
  private static final RuntimeReport WELL = new RuntimeReport("docker", "", Map.of());

  @Test
  void aRuntimeThatDoesNotAnswerIsAskedOnceAndSaidToBeSilentSoon() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    FreshReport report =
        new FreshReport(
            () -> {
              asked.incrementAndGet();
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return WELL;
            },
            SILENT);
    long began = System.nanoTime();
    assertThat(report.get()).isEqualTo(SILENT);
    assertThat(report.get()).isEqualTo(SILENT);
    assertThat(report.get()).isEqualTo(SILENT);
    assertThat((System.nanoTime() - began) / 1e9).as("seconds").isLessThan(8);
    assertThat(asked).hasValue(1);
    never.countDown();
  }

  @Test
  void anAnswerCountsForAWhile() {
    AtomicInteger asked = new AtomicInteger();
    FreshReport report =
        new FreshReport(
            () -> {
              asked.incrementAndGet();
              return WELL;
            },
            SILENT);
    assertThat(report.get()).isEqualTo(WELL);
    assertThat(report.get()).isEqualTo(WELL);
    assertThat(asked).hasValueLessThanOrEqualTo(2);
  }

  @Test
  void aQuestionThatFailsIsNoAnswer() {
    FreshReport report =
        new FreshReport(
            () -> {
              throw new AssertionError("broken");
            },
            SILENT);
    assertThat(report.get()).isEqualTo(SILENT);
  }
}
