package dev.ramet.agent.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * What was asked for on the command line: {@code [--release | --help | --version] [--config FILE]
 * [--KEY=VALUE ...]}. A key given here wins over the file's.
 *
 * @param action what to do
 * @param settings written key to written value, of the file and the command line together
 */
public record CommandLine(Action action, Map<String, String> settings) {

  /** What an agent's program can do. */
  public enum Action {
    /** Serve until it is told to stop. */
    RUN,
    /** Release the pools that the agent mounted itself, and end. */
    RELEASE,
    /** Print how it is called. */
    HELP,
    /** Print the version. */
    VERSION
  }

  /** How it is called. */
  public static String usage() {
    StringBuilder text =
        new StringBuilder(
            """
            usage: ramet-agent [--release | --help | --version] [--config FILE] [--KEY=VALUE ...]
              --release  unmount the pools that this agent mounted, refuse while volumes are in use
            keys, for FILE (properties) and the command line, which wins:
            """);
    for (ConfigKey key : ConfigKey.values()) {
      text.append("  %-20s %s".formatted(key.text(), key.description()));
      key.fallback()
          .filter(value -> !value.isEmpty())
          .ifPresent(value -> text.append(" [").append(value).append(']'));
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  /**
   * Reads the arguments and the file that they name.
   *
   * @throws ConfigException for arguments that are not understood and a file that cannot be read
   */
  public static CommandLine parse(List<String> arguments) {
    Action action = Action.RUN;
    Map<String, String> fromFile = new LinkedHashMap<>();
    Map<String, String> given = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "--release" -> action = Action.RELEASE;
        case "--help", "-h" -> action = Action.HELP;
        case "--version" -> action = Action.VERSION;
        case "--config" -> {
          if (++i < arguments.size()) {
            fromFile.putAll(file(Path.of(arguments.get(i)), faults));
          } else {
            faults.add("--config needs a file");
          }
        }
        default -> setting(argument, given, faults);
      }
    }
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
    fromFile.putAll(given);
    return new CommandLine(action, Map.copyOf(fromFile));
  }

  private static void setting(String argument, Map<String, String> into, List<String> faults) {
    int equals = argument.indexOf('=');
    if (!argument.startsWith("--") || equals < 3) {
      faults.add("'%s' is not understood: write --KEY=VALUE, or see --help".formatted(argument));
      return;
    }
    if (into.put(argument.substring(2, equals), argument.substring(equals + 1)) != null) {
      faults.add("--%s is given twice".formatted(argument.substring(2, equals)));
    }
  }

  private static Map<String, String> file(Path file, List<String> faults) {
    Map<String, String> settings = new LinkedHashMap<>();
    Properties refusingRepeats =
        new Properties() {
          @Override
          public synchronized Object put(Object key, Object value) {
            if (settings.put((String) key, (String) value) != null) {
              faults.add("%s: the key '%s' is there twice".formatted(file, key));
            }
            return super.put(key, value);
          }
        };
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      refusingRepeats.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      faults.add("the file %s cannot be read: %s".formatted(file, e));
    }
    return settings;
  }
}
