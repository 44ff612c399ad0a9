package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The completion script in real shells. */
class CompletionTest {
  /** What bash does when Tab is pressed after these words; the last one is being typed. */
  private static final String PRESS_TAB =
      """
      compopt() { :; } # only speaks to a line that is being edited
      source "$1" || exit
      shift
      words=("$@")
      COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1)) COMP_LINE="${words[*]}"
      COMP_POINT=${#COMP_LINE}
      specification=$(complete -p ramet) || exit
      [[ $specification =~ -F\\ ([^ ]+) ]] || exit
      "${BASH_REMATCH[1]}" ramet "${words[-1]}" "${words[-2]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """;

  @TempDir Path home;
  private Path script;

  @BeforeEach
  void write() throws IOException {
    CliRun run = new CliRun.Surroundings(home).run("completion", "bash");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    script = Files.writeString(home.resolve("completion"), run.out());
  }

  private List<String> run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out.lines().toList();
  }

  private List<String> offered(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("bash", "--norc", "-c", PRESS_TAB, "tab", script.toString(), "ramet"));
    command.addAll(List.of(words));
    return run(command.toArray(String[]::new)).stream().map(String::strip).toList();
  }

  @Test
  void bashFindsNothingWrongWithIt() throws Exception {
    assertThat(run("bash", "-n", script.toString())).isEmpty();
  }

  @Test
  void bashOffersCommands() throws Exception {
    assertThat(offered("cl")).containsExactly("clone");
    assertThat(offered("clone", "")).contains("create", "logs", "ls", "psql", "rm", "show");
    assertThat(offered("host", "un")).containsExactly("uncordon");
    assertThat(offered("image", "b")).containsExactly("build");
    assertThat(offered("operation", "w")).containsExactly("watch");
  }

  @Test
  void bashOffersOptions() throws Exception {
    assertThat(offered("clone", "create", "--eng")).containsExactly("--engine-option");
    assertThat(offered("image", "rm", "--no")).containsExactly("--no-wait");
    assertThat(offered("clone", "ls", "--ser")).containsExactly("--server");
  }

  @Test
  void bashOffersTheWordsThatAnOptionTakes() throws Exception {
    assertThat(offered("clone", "ls", "--output", "")).contains("table", "json", "yaml");
    assertThat(offered("clone", "ls", "-o", "y")).containsExactly("yaml");
  }
}
