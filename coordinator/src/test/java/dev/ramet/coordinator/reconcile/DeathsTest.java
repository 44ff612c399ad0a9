package dev.ramet.coordinator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.coordinator.store.Key;
import dev.ramet.coordinator.store.Keys;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeathsTest {
  private static final Key<?> CLONE = Keys.clone("c");
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private final Deaths deaths = new Deaths();

  @Test
  void aFirstDeathCostsNoTime() {
    assertThat(deaths.died(CLONE, NOW)).isZero();
    assertThat(deaths.died(Keys.clone("d"), NOW)).isZero();
  }

  @Test
  void oneThatKeepsDyingRestsEverLongerUpToAMinute() {
    Duration before = deaths.died(CLONE, NOW);
    for (int i = 1; i < 20; i++) {
      Duration rest = deaths.died(CLONE, NOW.plusSeconds(60L * i));
      assertThat(rest).isBetween(before, Duration.ofMinutes(1));
      before = rest;
    }
    assertThat(before).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void oneThatLivedLongIsWellAgain() {
    Duration unused = deaths.died(CLONE, NOW);
    assertThat(deaths.died(CLONE, NOW.plusSeconds(1))).isPositive();
    assertThat(deaths.died(CLONE, NOW.plusSeconds(302))).isZero();
    deaths.forget(CLONE);
    assertThat(deaths.died(CLONE, NOW)).isZero();
  }
}
