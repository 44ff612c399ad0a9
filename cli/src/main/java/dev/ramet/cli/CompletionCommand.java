package dev.ramet.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = {
      "Print a script that teaches a shell to complete ramet's commands.",
      "In ~/.bashrc: source <(ramet completion bash). In ~/.zshrc, after compinit: source <(ramet"
          + " completion zsh)."
    })
final class CompletionCommand implements Callable<Integer> {
  /** The names are what users type. */
  enum Shell {
    bash,
    zsh
  }

  private final Session session;

  @Parameters(index = "0", paramLabel = "SHELL", description = "bash or zsh.")
  Shell shell = Shell.bash;

  CompletionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    // one script serves both: for zsh it loads bashcompinit by itself
    CommandLine all = Cli.commandLine(new GlobalOptions(), session, name -> true);
    String script = AutoComplete.bash("ramet", all);
    session.environment().out().print(script);
    return ExitCode.OK.status();
  }
}
