package dev.ramet.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceIdsTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "app.3", "app.3.k2x9", "a-b.c-d", "x.", "a-"})
  void namesThatAreSafeAnywhereAreIds(String id) {
    assertThat(new VolumeId(id)).hasToString(id);
    assertThat(new SnapshotId(id)).hasToString(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", ".a", "-a", "a..b", "../a", "a/b", "/a", "A", "a b", "a'b", "a\"b", "a\nb",
        "$(x)", "a;b", "a\\b", "a\0", "ä", "a_b", "a\n"
      })
  void namesThatAreNotAreRefused(String id) {
    assertRefused(id);
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 1000})
  void namesThatAreTooLongAreRefused(int length) {
    assertThat(new VolumeId("x".repeat(127)).value()).hasSize(127);
    assertRefused("x".repeat(length));
  }

  private static void assertRefused(String id) {
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> new VolumeId(id))
        .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.INVALID_ARGUMENT))
        .withMessageContaining("'" + id + "'");
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> new SnapshotId(id))
        .satisfies(e -> assertThat(e.error()).isEqualTo(StorageError.INVALID_ARGUMENT));
  }
}
