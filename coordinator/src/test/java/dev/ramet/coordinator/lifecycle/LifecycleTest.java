package dev.ramet.coordinator.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "lifecycle.md");
  private static final Lifecycle<CloneState, CloneEvent> CLONES = CloneLifecycle.TABLE;
  private static final Lifecycle<RevisionState, RevisionEvent> REVISIONS = RevisionLifecycle.TABLE;

  @Test
  void anEventLeadsFromAStateToOneStateOnly() {
    assertNoTwoRowsCompete(CLONES);
    assertNoTwoRowsCompete(REVISIONS);
  }

  private static void assertNoTwoRowsCompete(Lifecycle<?, ?> table) {
    Set<String> seen = new HashSet<>();
    table
        .rows()
        .forEach(
            row -> assertThat(seen.add(row.from() + " " + row.event())).as("%s", row).isTrue());
  }

  /** State by event: what may happen, and that nothing else does. */
  @Test
  void aCloneCanBeDeletedFromEveryStateButGone() {
    for (CloneState state : CloneState.values()) {
      boolean last = state == CloneState.GONE || state == CloneState.DELETING;
      assertThat(CLONES.on(state, CloneEvent.DELETE_ASKED).isPresent())
          .as("%s", state)
          .isEqualTo(!last);
    }
  }

  @Test
  void nothingHappensToWhatIsGone() {
    for (CloneEvent event : CloneEvent.values()) {
      assertThat(CLONES.on(CloneState.GONE, event)).isEmpty();
    }
    for (RevisionEvent event : RevisionEvent.values()) {
      assertThat(REVISIONS.on(RevisionState.GONE, event)).isEmpty();
    }
  }

  @Test
  void aCloneThatWasReadyIsTornDownOnlyByItsUser() {
    for (CloneState state :
        EnumSet.of(
            CloneState.READY, CloneState.RECOVERING, CloneState.BROKEN, CloneState.OVER_CAP)) {
      for (CloneEvent event : CloneEvent.values()) {
        CLONES
            .on(state, event)
            .filter(row -> row.effects().contains(Effect.TEAR_DOWN))
            .ifPresent(row -> assertThat(row.event()).isEqualTo(CloneEvent.DELETE_ASKED));
      }
      assertThat(CLONES.on(state, CloneEvent.CREATE_FAILED)).isEmpty();
      assertThat(CLONES.on(state, CloneEvent.GIVEN_UP)).isEmpty();
    }
  }

  @Test
  void aCloneThatWasReadyCanComeUpAgainWhateverHappened() {
    for (CloneState state :
        EnumSet.of(CloneState.RECOVERING, CloneState.BROKEN, CloneState.OVER_CAP)) {
      assertThat(state.wasReady()).isTrue();
      assertThat(CLONES.require(state, CloneEvent.CAME_UP).to()).isEqualTo(CloneState.READY);
    }
  }

  @Test
  void aRecordGoesOnlyWhenNothingIsLeft() {
    CLONES.rows().stream()
        .filter(row -> row.effects().contains(Effect.REMOVE_RECORD))
        .forEach(row -> assertThat(row.event()).isEqualTo(CloneEvent.TORN_DOWN));
    REVISIONS.rows().stream()
        .filter(row -> row.effects().contains(Effect.REMOVE_RECORD))
        .forEach(row -> assertThat(row.event()).isEqualTo(RevisionEvent.TORN_DOWN));
  }

  @Test
  void thePortIsReleasedOnlyWhenNothingIsLeft() {
    CLONES.rows().stream()
        .filter(row -> row.effects().contains(Effect.RELEASE_PORT))
        .forEach(row -> assertThat(row.event()).isEqualTo(CloneEvent.TORN_DOWN));
  }

  @Test
  void everyStateCanBeReachedAndLeft() {
    Set<CloneState> reached =
        CLONES.rows().stream().map(Transition::to).collect(Collectors.toSet());
    Set<CloneState> left = CLONES.rows().stream().map(Transition::from).collect(Collectors.toSet());
    assertThat(reached).containsAll(EnumSet.complementOf(EnumSet.of(CloneState.PENDING)));
    assertThat(left).containsAll(EnumSet.complementOf(EnumSet.of(CloneState.GONE)));
  }

  @Test
  void aSecretOutlivesNoBuild() {
    for (RevisionState end :
        EnumSet.of(RevisionState.READY, RevisionState.FAILED, RevisionState.GONE)) {
      REVISIONS.rows().stream()
          .filter(row -> row.to() == end && row.from() != end && row.from() != RevisionState.READY)
          .forEach(row -> assertThat(row.effects()).as("%s", row).contains(Effect.FORGET_SECRET));
    }
  }

  /** Written anew with -Ddocs.write=true. */
  @Test
  void theDocumentShowsTheTables() throws IOException {
    String expected = document();
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT))
        .as("docs/lifecycle.md is generated: run this test with -Ddocs.write=true")
        .isEqualTo(expected);
  }

  private static String document() {
    return """
    # The lives of clones and revisions

    Generated from the tables in `dev.ramet.coordinator.lifecycle` by `LifecycleTest`; do not edit.
    Users see FAILING and RECOVERING as PROVISIONING, and BROKEN as FAILED: `failure` and `ready_time` tell them apart.
    A clone that was READY once keeps its data until its user deletes it, or its host is declared lost.
    BROKEN is no end: bringing such a clone up is tried for as long as it exists.

    ## Clones

    """
        + diagram(CLONES, "PENDING")
        + "\n## Revisions of images\n\n"
        + diagram(REVISIONS, "BUILDING");
  }

  private static String diagram(Lifecycle<?, ?> table, String first) {
    StringBuilder text =
        new StringBuilder("```mermaid\nstateDiagram-v2\n  [*] --> " + first + "\n");
    table
        .rows()
        .forEach(row ->
            text.append(
                "  %s --> %s: %s\n"
                    .formatted(
                        row.from(),
                        row.to().name().equals("GONE") ? "[*]" : row.to(),
                        row.event())));
    text.append("```\n\n| from | event | to | effects |\n|---|---|---|---|\n");
    table
        .rows()
        .forEach(row ->
            text.append(
                "| %s | %s | %s | %s |\n"
                    .formatted(
                        row.from(),
                        row.event(),
                        row.to(),
                        row.effects().stream().map(Enum::name).collect(Collectors.joining(", ")))));
    return text.toString();
  }
}
