package dev.ramet.coordinator.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "fix-123", "0", "a1-b2"})
  void labelsOfDnsAreNames(String name) {
    assertThat(DnsLabel.problem(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "A", "-a", "a-", "a.b", "../x", "a b", "'a'", "$(id)", "a\n", "a\u0000", "ä"})
  void everythingElseIsNone(String name) {
    assertThat(DnsLabel.problem(name)).isPresent();
  }

  @Test
  void aNameHasSixtyThreeCharactersAtMost() {
    assertThat(DnsLabel.isValid("a".repeat(63))).isTrue();
    assertThat(DnsLabel.isValid("a".repeat(64))).isFalse();
  }

  @Test
  void wordsAboutABadNameAreOneLine() {
    assertThat(DnsLabel.problem("a\nb\u001b[31m").orElseThrow())
        .doesNotContain("\n")
        .doesNotContain("\u001b");
  }

  @Test
  void anIdParsesBackToWhatItWasMadeOf() {
    for (HostId id :
        new HostId[] {
          new HostId.OfClone("fix-1", "abcd0123", 1),
          new HostId.OfClone("fix-1", "abcd0123", 2),
          new HostId.OfClone("fix-1", "12345678", HostId.MAX_GENERATION),
          new HostId.OfSave("fix-1", "abcd0123"),
          new HostId.OfSnapshot("app", 7, "abcd0123"),
          new HostId.OfBuild("app", 7, "abcd0123")
        }) {
      assertThat(HostId.parse(id.text())).contains(id);
    }
  }

  @Test
  void theIdOfAClonesFirstDataHasNoNumber() {
    assertThat(new HostId.OfClone("fix-1", "abcd0123", 1).text()).isEqualTo("fix-1.abcd0123");
    assertThat(new HostId.OfClone("fix-1", "abcd0123", 3).text()).isEqualTo("fix-1.abcd0123.r3");
    assertThat(new HostId.OfSave("before", "abcd0123").text()).isEqualTo("before.abcd0123.save");
  }

  @Test
  void aRevisionsSnapshotIsNoCloneWhateverItsUid() {
    assertThat(HostId.parse("a.12345678.r1234567"))
        .contains(new HostId.OfSnapshot("a", 12_345_678, "r1234567"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres",
        "a.b",
        "a.abcd01234",
        "app.0.abcd0123",
        "app.7.abcd0123.x",
        "a.abcd0123.r1",
        "a.abcd0123.r02",
        "a.abcd0123.r1000000",
        "a.abcd0123.r2.save",
        "a.abcd0123.saves",
        "A.abcd0123",
        "my.volume.of.somebody"
      })
  void anIdOfSomebodyElseIsNotParsed(String id) {
    assertThat(HostId.parse(id)).isEmpty();
  }

  @Test
  void everyUidFitsItsGrammar() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 1000; i++) {
      assertThat(HostId.parse("a." + Uids.next(random))).isPresent();
    }
  }

  @Test
  void aReferenceNamesAnImageAndMaybeARevision() {
    assertThat(RevisionName.parse("app")).contains(new RevisionName("app", OptionalLong.empty()));
    assertThat(RevisionName.parse("app:12")).contains(new RevisionName("app", OptionalLong.of(12)));
    assertThat(RevisionName.parse("app:0")).isEmpty();
    assertThat(RevisionName.parse("app:")).isEmpty();
    assertThat(RevisionName.parse("../app:1")).isEmpty();
  }
}
