package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The completion script in a zsh that somebody types into; needs Debian's zsh. */
@Timeout(60)
class ZshCompletionIT {
  /** Types each line, presses Tab, clears it, and prints what the terminal then showed. */
  private static final String TYPE =
      """
      zmodload zsh/zpty || exit
      zpty -b shell 'zsh -f -i'
      seen=
      await() {
        for try in {1..300}; do
          while zpty -r -t shell piece; do seen+=$piece; done
          [[ $seen == *$1* ]] && return
          sleep 0.1
        done
        print -r -- "never seen: $1; but: ${(V)seen}"
        exit 1
      }
      zpty -w shell "PS1='> '; autoload -U compinit && compinit -u -D; source $1; print rea''dy"
      await ready
      zpty -w -n shell $'ramet clo\\t'
      await 'ramet clone'
      zpty -w -n shell $'\\C-uramet clone cr\\t'
      await 'create'
      zpty -w -n shell $'\\C-uramet image rm --no\\t'
      await '--no-wait'
      zpty -d shell
      print offered
      """;

  @TempDir Path home;

  @Test
  void zshOffersCommandsAndOptions() throws Exception {
    CliRun run = new CliRun.Surroundings(home).run("completion", "zsh");
    Path script = Files.writeString(home.resolve("completion"), run.out());
    Path typing = Files.writeString(home.resolve("typing"), TYPE);
    ProcessBuilder zsh =
        new ProcessBuilder("zsh", "-f", typing.toString(), script.toString())
            .directory(home.toFile())
            .redirectErrorStream(true);
    zsh.environment().put("HOME", home.toString());
    zsh.environment().put("TERM", "dumb");
    Process process = start(zsh);
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    assertThat(out).endsWith("offered\n");
  }

  private static Process start(ProcessBuilder zsh) {
    try {
      return zsh.start();
    } catch (IOException error) {
      throw new AssertionError("install zsh, which this test needs", error);
    }
  }
}
