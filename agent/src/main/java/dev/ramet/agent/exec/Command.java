package dev.ramet.agent.exec;

import java.util.List;
import java.util.Map;

/**
 * A program and its arguments.
 *
 * @param arguments program first
 * @param environment all that it gets, besides PATH and a plain locale
 */
public record Command(List<String> arguments, Map<String, String> environment) {
  public Command {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("a command needs a program");
    }
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** With no environment of its own. */
  public static Command of(String... arguments) {
    return new Command(List.of(arguments), Map.of());
  }

  /** The program, as given. */
  public String program() {
    return arguments.getFirst();
  }
}
