package dev.ramet.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * What surrounds the process.
 *
 * @param inTerminal standard input is a terminal, so a person can be asked
 * @param errTerminal standard error is a terminal, so a line can be redrawn
 */
record Environment(
    Map<String, String> variables,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inTerminal,
    boolean errTerminal,
    Path workingDirectory,
    Clock clock) {

  /** A variable that is set and not empty, else the fallback. */
  String variable(String name, String fallback) {
    String value = variables.get(name);
    return value == null || value.isEmpty() ? fallback : value;
  }
}
