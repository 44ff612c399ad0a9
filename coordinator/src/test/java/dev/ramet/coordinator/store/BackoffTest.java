package dev.ramet.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void pausesGrowUpToABound() {
    Backoff backoff = new Backoff();
    long first = backoff.next();
    assertThat(first).isBetween(Duration.ofMillis(2).toNanos(), Duration.ofMillis(5).toNanos());
    for (int i = 0; i < 20; i++) {
      assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(400).toNanos());
    }
    assertThat(backoff.next()).isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
  }

  @Test
  void noPauseGoesBeyondTheDeadline() {
    long start = System.nanoTime();
    assertThat(new Backoff().sleepUntil(start + 1)).isFalse();
    assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(1).toNanos());
  }
}
