package dev.ramet.cli;

import picocli.CommandLine.Option;

/** For commands that take something away from whoever uses a clone. */
final class ForceOption {
  @Option(
      names = "--force",
      description =
          "Also where the clone is protected or in use. Without it a terminal is asked, and a"
              + " script gets exit code 7.")
  boolean force;
}
