package dev.ramet.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;

/** Starts the command line; {@code bin/ramet} calls it. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Startup.settle();
    int status;
    try (PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err)) {
      // bin/ramet says what is a terminal: Java cannot tell for standard error
      String terminals = System.getProperty("ramet.terminals", "");
      status =
          new Cli(
                  new Environment(
                      System.getenv(),
                      System.in,
                      out,
                      err,
                      terminals.contains("0"),
                      terminals.contains("2"),
                      Path.of("").toAbsolutePath(),
                      Clock.systemUTC()))
              .run(args);
    }
    Runtime.getRuntime().halt(status); // as System.exit, without its search for a logger
  }

  /** UTF-8 whatever the locale, as JSON and YAML want it; flushed by who writes a line. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor), 8192),
        false,
        StandardCharsets.UTF_8);
  }
}
