package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private static final Key<?> KEY = Keys.revision("app", 1);
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final Retries retries = new Retries(new SplittableRandom(1));

  @Test
  void patienceCountsFromTheFirstFailureInARow() {
    retries.failed(KEY, BEGIN);
    Retries.Trouble trouble = retries.failed(KEY, BEGIN.plusSeconds(30));
    assertThat(trouble.since()).isEqualTo(BEGIN);
    assertThat(trouble.attempts()).isEqualTo(2);
  }

  @Test
  void patienceBeginsAnewAfterProgress() {
    retries.failed(KEY, BEGIN);
    retries.progressed(KEY);
    retries.progressed(KEY);
    Instant later = BEGIN.plus(Duration.ofHours(2));
    Retries.Trouble trouble = retries.failed(KEY, later);
    assertThat(trouble.since()).isEqualTo(later);
    assertThat(trouble.attempts()).isEqualTo(1);
    assertThat(trouble.comebacks()).isEqualTo(1);
  }

  @Test
  void whatFailsAtTheSamePlaceEachTimeIsNotRepeatedForEver() {
    Instant now = BEGIN;
    int attempts = 0;
    while (Duration.between(retries.failed(KEY, now).since(), now).isZero() && attempts < 100) {
      retries.progressed(KEY);
      now = now.plus(Duration.ofMinutes(5));
      attempts++;
    }
    assertThat(attempts).isBetween(5, 20);
  }
}
