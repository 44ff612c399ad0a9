package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.server.InFlight.Claim;
import dev.ramet.agent.server.InFlight.Held;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private static final Claim VOLUME = Claim.volume("main", "v");
  private static final Claim SNAPSHOT = Claim.snapshot("main", "s");

  private final InFlight inFlight = new InFlight();

  @Test
  void whatIsClaimedIsRefusedToOthersUntilItIsGivenBack() {
    Held first = inFlight.claim(VOLUME);
    AgentException refusal =
        catchThrowableOfType(AgentException.class, () -> inFlight.claim(VOLUME));
    assertThat(refusal.error()).isEqualTo(AgentError.IN_FLIGHT);
    assertThat(refusal).hasMessageContaining("volume main/v");
    first.close();
    first.close();
    inFlight.claim(VOLUME).close();
  }

  @Test
  void manyMayShareWhatNobodyChanges() {
    try (Held _ = inFlight.claim(SNAPSHOT.shared());
        Held _ = inFlight.claim(SNAPSHOT.shared())) {
      assertThatThrownBy(() -> inFlight.claim(SNAPSHOT)).isInstanceOf(AgentException.class);
    }
    try (Held _ = inFlight.claim(SNAPSHOT)) {
      assertThatThrownBy(() -> inFlight.claim(SNAPSHOT.shared()))
          .isInstanceOf(AgentException.class);
    }
  }

  @Test
  void aRefusedCallHoldsNothing() {
    try (Held _ = inFlight.claim(SNAPSHOT)) {
      assertThatThrownBy(() -> inFlight.claim(VOLUME, SNAPSHOT)).isInstanceOf(AgentException.class);
      inFlight.claim(VOLUME).close();
    }
  }

  @Test
  void idsOfDifferentKindsAndPoolsAreApart() {
    try (Held _ = inFlight.claim(VOLUME)) {
      inFlight.claim(Claim.snapshot("main", "v")).close();
      inFlight.claim(Claim.volume("other", "v")).close();
      inFlight.claim(Claim.instance("v")).close();
    }
  }
}
