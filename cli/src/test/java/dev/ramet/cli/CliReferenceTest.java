package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Keeps docs/cli.md what the commands are; {@code -Dramet.docs.write} writes it anew. */
class CliReferenceTest {
  private static final Path REFERENCE = Path.of("").toAbsolutePath().resolve("../docs/cli.md");

  private static final String HEADING = "| | |\n|---|---|\n";

  @TempDir Path home;

  @Test
  void theReferenceIsWhatTheCommandsAre() throws IOException {
    String expected = reference();
    if (System.getProperty("ramet.docs.write") != null) {
      Files.writeString(REFERENCE, expected);
    }
    assertThat(REFERENCE)
        .as("docs/cli.md differs from the commands: run this test with -Dramet.docs.write")
        .hasContent(expected);
  }

  private String reference() throws IOException {
    CommandLine root = commandLine();
    try (InputStream template = getClass().getResourceAsStream("reference.md");
        FakeCoordinator coordinator = new FakeCoordinator()) {
      coordinator.addExamples();
      CliRun.Surroundings here =
          new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
      return new String(template.readAllBytes(), StandardCharsets.UTF_8)
          .replace("{{exit-codes}}", exitCodes())
          .replace("{{json-clone}}", json(here, "clone", "show", "fix-1"))
          .replace("{{json-image}}", json(here, "image", "show", "app"))
          .replace("{{json-host}}", json(here, "host", "show", "host-a"))
          .replace("{{json-operation}}", json(here, "operation", "show", "op-1"))
          .replace(
              "{{global-options}}", HEADING + options(root.getCommandSpec(), Set.of("--version")))
          .replace("{{commands}}", commands(root));
    }
  }

  private static String json(CliRun.Surroundings here, String... command) {
    String[] args =
        Stream.concat(Stream.of(command), Stream.of("-o", "json")).toArray(String[]::new);
    return "```json\n" + here.run(args).out() + "```";
  }

  private CommandLine commandLine() {
    GlobalOptions options = new GlobalOptions();
    Environment environment =
        new Environment(
            java.util.Map.of("HOME", home.toString()),
            InputStream.nullInputStream(),
            System.out,
            System.err,
            false,
            false,
            home,
            java.time.Clock.systemUTC());
    return Cli.commandLine(options, new Session(options, environment), name -> true);
  }

  private static String exitCodes() {
    return Stream.of(ExitCode.values())
        .map(code -> "| " + code.status() + " | " + code.meaning() + " |")
        .collect(Collectors.joining("\n", "| code | meaning |\n|---|---|\n", ""));
  }

  private static String commands(CommandLine root) {
    Set<String> global =
        root.getCommandSpec().options().stream()
            .map(OptionSpec::longestName)
            .collect(Collectors.toSet());
    StringBuilder text = new StringBuilder();
    for (CommandLine group : root.getSubcommands().values()) {
      Stream.concat(
              doesSomethingItself(group) ? Stream.of(group) : Stream.empty(),
              group.getSubcommands().values().stream().flatMap(CliReferenceTest::withItsOwn))
          .forEach(command -> text.append(command(command.getCommandSpec(), global)));
    }
    return text.toString().stripTrailing();
  }

  /** A group within a group has commands, and does nothing itself. */
  private static Stream<CommandLine> withItsOwn(CommandLine command) {
    return command.getSubcommands().isEmpty()
        ? Stream.of(command)
        : command.getSubcommands().values().stream();
  }

  private static boolean doesSomethingItself(CommandLine group) {
    return group.getSubcommands().isEmpty()
        || !group.getCommandSpec().positionalParameters().isEmpty();
  }

  private static String command(CommandSpec spec, Set<String> global) {
    StringBuilder text = new StringBuilder("### " + spec.qualifiedName() + "\n\n");
    for (String line : spec.usageMessage().description()) {
      text.append(escaped(line)).append('\n');
    }
    text.append("\n    ").append(synopsis(spec, global)).append("\n\n");
    String rows = parameters(spec) + options(spec, global);
    return text + (rows.isEmpty() ? "" : HEADING + rows.stripTrailing() + "\n\n");
  }

  private static String synopsis(CommandSpec spec, Set<String> global) {
    StringBuilder text = new StringBuilder(spec.qualifiedName());
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      boolean many = parameter.arity().max() > 1;
      String word = parameter.paramLabel() + (many ? "..." : "");
      String optional = many ? "[-- " + word + "]" : "[" + word + "]";
      text.append(' ').append(parameter.required() ? word : optional);
    }
    for (OptionSpec option : own(spec, global)) {
      String word = names(option).getLast();
      text.append(' ')
          .append(option.required() ? word : "[" + word + "]")
          .append(option.isMultiValue() ? "..." : "");
    }
    return text.toString();
  }

  private static String parameters(CommandSpec spec) {
    return spec.positionalParameters().stream()
        .map(p ->
            "| `" + p.paramLabel() + "` | " + escaped(String.join(" ", p.description())) + " |\n")
        .collect(Collectors.joining());
  }

  /** Rows of a table, without its heading. */
  private static String options(CommandSpec spec, Set<String> global) {
    return own(spec, global).stream()
        .map(option ->
            "| "
                + names(option).stream()
                    .map(n -> "`" + n.replace("|", "\\|") + "`")
                    .collect(Collectors.joining(", "))
                + " | "
                + escaped(String.join(" ", option.description()))
                + " |")
        .collect(Collectors.joining("\n"));
  }

  private static List<OptionSpec> own(CommandSpec spec, Set<String> global) {
    return spec.options().stream().filter(o -> !global.contains(o.longestName())).toList();
  }

  private static List<String> names(OptionSpec option) {
    if (option.negatable()) {
      return List.of("--wait", "--no-wait");
    }
    String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    return Stream.of(option.names()).map(name -> name + value).toList();
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|").replace("<", "\\<");
  }
}
