package dev.ramet.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** The outcome of one command line, run in this process in an environment of its own. */
record CliRun(int status, String out, String err) {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-01T12:00:00Z"), ZoneOffset.UTC);

  /** What surrounds the runs of one test. */
  static final class Surroundings {
    private final Map<String, String> variables = new HashMap<>();
    private final Path workingDirectory;
    private String input = "";
    private boolean terminal;

    Surroundings(Path home) {
      workingDirectory = home;
      variables.put("HOME", home.toString());
    }

    Surroundings with(String variable, String value) {
      variables.put(variable, value);
      return this;
    }

    Surroundings withInput(String text) {
      input = text;
      return this;
    }

    /** Standard error is a terminal. */
    Surroundings onTerminal() {
      terminal = true;
      return this;
    }

    CliRun run(String... args) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      int status =
          new Cli(
                  new Environment(
                      variables,
                      new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                      new PrintStream(out, false, StandardCharsets.UTF_8),
                      new PrintStream(err, false, StandardCharsets.UTF_8),
                      false,
                      terminal,
                      workingDirectory,
                      CLOCK))
              .run(args);
      return new CliRun(
          status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }
}
