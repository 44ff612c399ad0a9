package dev.ramet.cli;

import dev.ramet.client.RametException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/** What users give as flags, where the server names the fields of the request that they became. */
final class FieldFlags {
  /** One field may be another flag in another command. */
  static final Map<String, List<String>> FLAGS =
      Map.ofEntries(
          Map.entry("spec.image", List.of("--image")),
          Map.entry("spec.from", List.of("--from")),
          Map.entry("spec.host", List.of("--host")),
          Map.entry("spec.runtime", List.of("--runtime")),
          Map.entry("spec.engine_options", List.of("--engine-option")),
          Map.entry("spec.size_limit_bytes", List.of("--size-limit")),
          Map.entry("spec.memory_limit_bytes", List.of("--memory")),
          Map.entry("spec.cpu_limit_millis", List.of("--cpus")),
          Map.entry("spec.port", List.of("--port")),
          Map.entry("labels", List.of("--label")),
          Map.entry("lifetime.ttl", List.of("--ttl")),
          Map.entry("lifetime.idle_ttl", List.of("--idle-ttl")),
          Map.entry("lifetime.protect", List.of("--protect")),
          Map.entry("ttl", List.of("--ttl")),
          Map.entry("add_ttl", List.of("--ttl", "--extend")),
          Map.entry("forever", List.of("--ttl")),
          Map.entry("idle_ttl", List.of("--idle-ttl")),
          Map.entry("growth_limit_bytes", List.of("--growth")),
          Map.entry("add_growth_bytes", List.of("--growth")),
          Map.entry("no_growth_limit", List.of("--growth")),
          Map.entry("duration", List.of("--for")),
          Map.entry("to", List.of("--to")),
          Map.entry("keep_as", List.of("--keep-as")),
          Map.entry("message", List.of("--message")),
          Map.entry("source", List.of("--from")),
          Map.entry("engine", List.of("--engine")),
          Map.entry("host", List.of("--host")),
          Map.entry("replicas", List.of("--replicas")),
          Map.entry("database", List.of("--database")),
          Map.entry("description", List.of("--description")),
          Map.entry("image.lifetime.default_ttl", List.of("--default-ttl")),
          Map.entry("image.lifetime.max_ttl", List.of("--max-ttl")),
          Map.entry("image.lifetime.default_idle_ttl", List.of("--default-idle-ttl")),
          Map.entry("image.lifetime.max_idle_ttl", List.of("--max-idle-ttl")),
          Map.entry("image.lifetime.max_protect", List.of("--max-protect")),
          Map.entry("image.warm.min", List.of("--warm")),
          Map.entry("image.warm.max", List.of("--warm-max")));

  private FieldFlags() {}

  /** The message; a field that is at fault is named by the flag of this command, if it has one. */
  static String message(RametException error, CommandSpec command) {
    String message = String.valueOf(error.getMessage());
    for (String field : error.fields()) {
      for (String flag : FLAGS.getOrDefault(field, List.of())) {
        if (command.findOption(flag) != null) {
          message = renamed(message, field, flag);
          break;
        }
      }
    }
    return message;
  }

  private static String renamed(String message, String field, String flag) {
    return Pattern.compile("(?<![\\w.-])" + Pattern.quote(field) + ": ")
        .matcher(message)
        .replaceAll(Matcher.quoteReplacement(flag + ": "));
  }
}
