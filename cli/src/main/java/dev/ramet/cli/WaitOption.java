package dev.ramet.cli;

import picocli.CommandLine.Option;

/** For commands that start work which takes a while. */
final class WaitOption {
  @Option(
      names = "--no-wait",
      negatable = true,
      description =
          "Return as soon as the server has taken the work on. --wait, the default, stays until it"
              + " is done.")
  boolean noWait;
}
