package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {
  @Test
  void everyPartIsRead() {
    PostgresUrl url =
        PostgresUrl.parse(
            "postgresql://me%40x:p%3Aw%2F%25@db.example.com:6432/my%20db?sslmode=require");
    assertThat(url.host()).isEqualTo("db.example.com");
    assertThat(url.port()).isEqualTo(6432);
    assertThat(url.user()).isEqualTo("me@x");
    assertThat(url.password().value()).isEqualTo("p:w/%");
    assertThat(url.database()).isEqualTo("my db");
    assertThat(url.sslmode()).isEqualTo("require");
  }

  @Test
  void whatIsMissingHasADefault() {
    PostgresUrl url = PostgresUrl.parse("postgres://h");
    assertThat(url.port()).isEqualTo(5432);
    assertThat(url.user()).isEqualTo("postgres");
    assertThat(url.password().isPresent()).isFalse();
    assertThat(url.database()).isEmpty();
    assertThat(url.sslmode()).isEqualTo("prefer");
    assertThat(PostgresUrl.parse("postgres://u@[::1]/d").address()).isEqualTo("[::1]:5432");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://h",
        "postgres://",
        "postgres:///db",
        "postgres://u:secret@h:0/d",
        "postgres://u:secret@h:70000/d",
        "postgres://u:secret@h/d?user=x",
        "postgres://u:secret@h/d?sslmode=yes",
        "postgres://u:secret@h/d#f",
        "postgres://u:secret%2@h/d",
        "postgres://u:secret%zz@h/d",
        "postgres://u:secret@h/d%0a",
        "postgres://u:secret@-h/d",
        "postgres://u:secret@h/a/b",
        "postgres://u:secret@h o/d",
        "postgres://u:secret@$(id)/d",
      })
  void anythingElseIsRefusedWithoutRepeatingThePassword(String location) {
    assertThatThrownBy(() -> PostgresUrl.parse(location))
        .isInstanceOfSatisfying(
            AgentException.class, e -> assertThat(e.error()).isEqualTo(AgentError.INVALID_ARGUMENT))
        .hasMessageNotContaining("secret");
  }

  @Test
  void noTextOfItShowsThePassword() {
    String location = "postgres://u:secret@h/d";
    assertThat(PostgresUrl.parse(location).toString()).contains("***").doesNotContain("secret");
    assertThat(new Source(location).toString()).isEqualTo("***");
    assertThat(EngineLab.spec("i", 1, Map.of()).toString())
        .doesNotContain(EngineLab.PASSWORD.value());
  }
}
