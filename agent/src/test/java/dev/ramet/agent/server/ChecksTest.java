package dev.ramet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "app.1.k3j2h1g0", "app.1.k3j2h1g0.build", "0-9"})
  void anIdIsTaken(String id) {
    new Checks().id("id", id).done();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "-a", "A", "a b", "a/b", "../a", "a..b", "a\n", "$(reboot)", "a'b", "ä"})
  void whatIsNoIdIsRefused(String id) {
    InvalidRequestException refusal =
        catchThrowableOfType(InvalidRequestException.class, () -> new Checks().id("id", id).done());
    assertThat(refusal.violations()).containsOnlyKeys("id");
  }

  @Test
  void anIdOf127CharactersIsTakenAndOneOf128IsNot() {
    new Checks().id("id", "a".repeat(127)).done();
    assertThat(
            catchThrowableOfType(
                InvalidRequestException.class, () -> new Checks().id("id", "a".repeat(128)).done()))
        .isNotNull();
  }

  @Test
  void whatListensNowhereNeedsNoAddress() {
    new Checks().listenAddress("address", "", 0).portOrNone("port", 0).done();
    InvalidRequestException refusal =
        catchThrowableOfType(
            InvalidRequestException.class,
            () -> new Checks().listenAddress("address", "", 1).portOrNone("port", -1).done());
    assertThat(refusal.violations()).containsOnlyKeys("address", "port");
  }

  @Test
  void allFaultsAreFoundAtOnce() {
    InvalidRequestException refusal =
        catchThrowableOfType(
            InvalidRequestException.class,
            () ->
                new Checks()
                    .pool("pool", "")
                    .id("id", "../x")
                    .positive("size_bytes", 0)
                    .port("port", 65536)
                    .target("from_address", "nowhere")
                    .notNegative("limit_bytes", -1)
                    .done());
    assertThat(refusal.violations())
        .containsOnlyKeys("pool", "id", "size_bytes", "port", "from_address", "limit_bytes");
  }
}
