package dev.ramet.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * What the AOT cache learns from ({@code deploy/aot/cli}): the commands that people run most, for
 * real, against a coordinator that has clone {@code fix-1} and image {@code app}. It has to lie in
 * the shipped jar, as the cache holds for exactly the class path that it was made with.
 */
final class Training {
  private static final List<String> COMMANDS =
      List.of(
          "clone ls",
          "clone ls -o json",
          "clone create train-1 --image app --label a=b -o json",
          "clone show train-1 -o yaml",
          "clone show fix-1 --why",
          "clone logs fix-1",
          "clone rm train-1 none-1",
          "clone show none-1",
          "image ls",
          "image show app",
          "host ls",
          "operation ls",
          "--help",
          "--version");

  private Training() {}

  /** Takes the coordinator's address. */
  public static void main(String[] args) {
    Startup.settle();
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    for (String command : COMMANDS) {
      Environment environment =
          new Environment(
              Map.of("RAMET_SERVER", args[0], "HOME", "/nonexistent"),
              InputStream.nullInputStream(),
              nowhere,
              nowhere,
              false,
              false,
              Path.of("").toAbsolutePath(),
              Clock.systemUTC());
      int status = new Cli(environment).run(command.split(" ", -1));
      boolean expected = status == 0 || (status == 3 && command.contains("none-1"));
      if (!expected) {
        throw new IllegalStateException(command + " ended with " + status);
      }
    }
    System.exit(0);
  }
}
