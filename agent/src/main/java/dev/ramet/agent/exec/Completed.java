package dev.ramet.agent.exec;

import java.util.List;

/**
 * A program that ended.
 *
 * @param exitCode 128 + signal where a signal ended it
 * @param output standard output and error together, by lines, the last ones where there were many
 */
public record Completed(int exitCode, List<String> output) {
  public Completed {
    output = List.copyOf(output);
  }

  /** Whether it says that all went well. */
  public boolean ok() {
    return exitCode == 0;
  }
}
