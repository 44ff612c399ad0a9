package dev.ramet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  @Test
  void aNameAloneIsTheImage() {
    assertThat(ImageReference.parse("app")).isEqualTo(new ImageReference("app", 0));
    assertThat(ImageReference.parse("app").isRevision()).isFalse();
  }

  @Test
  void theNumberAfterTheColonIsTheRevision() {
    assertThat(ImageReference.parse("app:7")).isEqualTo(new ImageReference("app", 7));
    assertThat(ImageReference.parse("app:7")).hasToString("app:7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"app:", "app:0", "app:-1", "app:x", "app:99999999999999999999"})
  void anythingElseAfterTheColonIsRefused(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("revision number");
  }
}
