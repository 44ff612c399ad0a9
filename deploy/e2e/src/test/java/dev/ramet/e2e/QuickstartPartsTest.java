package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions of {@code deploy/quickstart} with a command line that answers as it is told to. */
final class QuickstartPartsTest {
  @TempDir Path state;

  /** What {@code ramet ...} does, in bash; "$*" is what it is asked for. */
  private Command run(String ramet, String function) throws IOException {
    Files.createDirectories(state.resolve("logs"));
    String script =
        """
        set -euo pipefail
        state=%s runtime=process
        . %s/deploy/lib/say.sh
        . %s/deploy/lib/quickstart-parts.sh
        ramet() { printf '%%s\\n' "$*" >>"$state/asked"; %s; }
        %s
        """
            .formatted(state, Lab.root(), Lab.root(), ramet, function);
    return Command.run("bash", "-c", script);
  }

  @Test
  void aCloneThatGoesWhileTheOthersAreShownIsLeftOut() throws IOException {
    String ramet =
        """
        case "$*" in
          "clone ls "*) echo '[{"name": "app-1"}, {"name": "app-2"}, {"name": "app-3"}]' ;;
          "clone show app-2"*) return 3 ;;
          "clone show "*) printf '{"name": "%s"}' "$3" ;;
        esac\
        """;
    assertThat(run(ramet, "all_clones | jq -r .[].name").orFail().out())
        .isEqualTo("app-1\napp-3\n");
  }

  @Test
  void aCloneThatCannotBeAskedForIsAnError() throws IOException {
    String ramet =
        """
        case "$*" in
          "clone ls "*) echo '[{"name": "app-1"}]' ;;
          *) return 5 ;;
        esac\
        """;
    assertThat(run(ramet, "all_clones").exit()).isEqualTo(1);
  }

  @Test
  void aCloneThatIsJustBeingDeletedIsWaitedForAndMadeAnew() throws IOException {
    String ramet =
        """
        case "$*" in
          "clone create "*) [[ -e $state/removed ]] || return 4 ;;
          "clone show "*) echo '{"state": "DELETING"}' ;;
          "clone rm "*) touch "$state/removed" ;;
        esac\
        """;
    run(ramet, "clones=1; step() { :; }; make_clones").orFail();
    assertThat(Files.readAllLines(state.resolve("asked")))
        .containsExactly(
            "clone create app-1 --image app --runtime process",
            "clone show app-1 -o json",
            "clone rm app-1",
            "clone create app-1 --image app --runtime process");
  }

  @Test
  void aCloneThatFailedIsNotRemoved() throws IOException {
    String ramet =
        """
        case "$*" in
          "clone create "*) return 1 ;;
          "clone show "*) echo '{"state": "FAILED"}' ;;
        esac\
        """;
    assertThat(run(ramet, "clones=1; step() { :; }; make_clones").exit()).isEqualTo(1);
    assertThat(Files.readString(state.resolve("asked"))).doesNotContain("rm");
  }
}
