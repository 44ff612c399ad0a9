package dev.ramet.cli;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A command that only holds others; by itself it is a usage error that names them. */
final class CommandGroup implements Runnable {
  private final CommandSpec spec;

  private CommandGroup(String name, String description) {
    this.spec = CommandSpec.wrapWithoutInspection(this).name(name);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
  }

  /** Made of those of the given commands that are wanted. */
  static CommandLine of(
      String name,
      String description,
      Predicate<String> wanted,
      Map<String, Supplier<?>> commands) {
    CommandLine group = new CommandLine(new CommandGroup(name, description).spec);
    new TreeMap<>(commands)
        .forEach((command, made) -> {
          if (wanted.test(command)) {
            group.addSubcommand(command, made.get());
          }
        });
    return group;
  }

  @Override
  public void run() {
    throw which(spec);
  }

  /** The complaint about a command line that stops at a group. */
  static ParameterException which(CommandSpec group) {
    return new ParameterException(
        group.commandLine(),
        "which command? "
            + group.qualifiedName()
            + " has "
            + String.join(", ", group.subcommands().keySet()));
  }
}
