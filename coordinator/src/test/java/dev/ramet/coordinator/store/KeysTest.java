package dev.ramet.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  @Test
  void everyKeyLiesWhereTheProtocolFileSaysAndIsFoundAgainByItsPath() {
    assertKey(Keys.image("app"), "/ramet/v1/images/app", "app");
    assertKey(
        Keys.revision("app", 7),
        "/ramet/v1/images/app/revisions/000000000007",
        "app",
        "000000000007");
    assertKey(Keys.clone("my-clone"), "/ramet/v1/clones/my-clone", "my-clone");
    assertKey(
        Keys.save("abcd0123", "before"), "/ramet/v1/saves/abcd0123/before", "abcd0123", "before");
    assertKey(Keys.host("host-a"), "/ramet/v1/hosts/host-a", "host-a");
    assertKey(Keys.hostAlive("host-a"), "/ramet/v1/hosts/host-a/alive", "host-a");
    assertKey(Keys.port("host-a", 15000), "/ramet/v1/ports/host-a/15000", "host-a", "15000");
    assertKey(Keys.operation("op1"), "/ramet/v1/operations/op1", "op1");
    assertKey(Keys.secret("op1"), "/ramet/v1/secrets/op1", "op1");
  }

  @Test
  void revisionsSortAsNumbersDo() {
    assertThat(Keys.revision("app", 9)).isLessThan(Keys.revision("app", 10));
    assertThat(Keys.revision("app", 99_999)).isLessThan(Keys.revision("app", 100_000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "A", "a/b", "..", "../x", "a b", "-a", "a-", "a.b", "$(x)", "a\n", "\u00e4"})
  void whatIsNoDnsLabelMakesNoKey(String name) {
    assertThatThrownBy(() -> Keys.clone(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLabelHasAtMost63Characters() {
    assertThat(Keys.clone("a".repeat(63)).name()).hasSize(63);
    assertThatThrownBy(() -> Keys.clone("a".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ramet/v1/",
        "/ramet/v1/clones",
        "/ramet/v1/clones/",
        "/ramet/v1/clones/a/b",
        "/x"
      })
  void aPathThatIsNoRecordHasNoKey(String path) {
    assertThat(Kind.keyOf(path)).isEmpty();
  }

  private static void assertKey(Key<?> key, String path, String... names) {
    assertThat(key.path()).isEqualTo(path);
    assertThat(key.names()).isEqualTo(List.of(names));
    assertThat(Kind.keyOf(path)).contains(key);
  }
}
