package dev.ramet.cli;

import dev.ramet.cli.output.JsonWriter;
import dev.ramet.cli.output.OutputFormat;
import dev.ramet.cli.output.YamlWriter;
import dev.ramet.client.RametClient;
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
