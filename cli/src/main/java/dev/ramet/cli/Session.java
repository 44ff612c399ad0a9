package dev.ramet.cli;

import dev.ramet.cli.output.JsonWriter;
import dev.ramet.cli.output.OutputFormat;
import dev.ramet.cli.output.YamlWriter;
import dev.ramet.client.RametClient;
import dev.ramet.client.RametException;
import dev.ramet.client.WaitListener;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One run of the program: its options, its connection, where its results go. */
final class Session implements AutoCloseable {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final GlobalOptions options;
  private final Environment environment;
  private final Contexts contexts;
  private @Nullable RametClient client;

  Session(GlobalOptions options, Environment environment) {
    this.options = options;
    this.environment = environment;
    this.contexts = Contexts.of(environment);
  }

  GlobalOptions options() {
    return options;
  }

  Environment environment() {
    return environment;
  }

  Contexts contexts() {
    return contexts;
  }

  RametClient client() {
    if (client == null) {
      try {
        client =
            RametClient.builder()
                .server(contexts.server(options.server, options.context))
                .callTimeout(shorter(timeout(CALL_TIMEOUT), CALL_TIMEOUT))
                .build();
      } catch (IllegalArgumentException e) {
        throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
      }
    }
    return client;
  }

  Duration timeout(Duration fallback) {
    return options.timeout == null ? fallback : options.timeout;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  Instant now() {
    return environment.clock().instant();
  }

  /** Writes the result: the tree as JSON or YAML, or the text. */
  void show(Supplier<?> tree, Supplier<String> text) {
    environment
        .out()
        .print(
            switch (options.output) {
              case table -> text.get();
              case json -> JsonWriter.write(tree.get());
              case yaml -> YamlWriter.write(tree.get());
            });
    environment.out().flush();
  }

  /**
   * Writes one of many results as it comes: JSON on one line, YAML as a document of its own.
   *
   * @return false where whoever read this has left
   */
  boolean line(Supplier<?> tree, Supplier<String> text) {
    PrintStream out = environment.out();
    switch (options.output) {
      case table -> out.println(text.get());
      case json -> out.print(JsonWriter.writeLine(tree.get()));
      case yaml -> out.print("---\n" + YamlWriter.write(tree.get()));
    }
    return !out.checkError();
  }

  /** Tells once when a stream breaks, and nothing of what it brings. */
  <T> WaitListener<T> noting() {
    return new WaitListener<>() {
      private boolean told;

      @Override
      public void changed(T now) {}

      @Override
      public void interrupted(RametException cause) {
        if (!told && !options.quiet) {
          note(
              "ramet: "
                  + Cli.oneLine(cause.getMessage())
                  + "; what happens until it answers may be missing");
        }
        told = true;
      }
    };
  }

  /** A word beside the result, on standard error. */
  void note(String line) {
    environment.err().println(line);
    environment.err().flush();
  }

  /** A hint that only helps people: not with JSON, not with {@code --quiet}. */
  void hint(String line) {
    if (options.output == OutputFormat.table && !options.quiet) {
      note(line);
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
