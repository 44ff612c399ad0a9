package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.engine.InstanceSpec;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the last lines of a server that ended while it started. */
final class Diagnosis {
  private static final Pattern IN_USE =
      Pattern.compile(
          "could not bind .*: (Address already in use|Cannot assign requested address)");
  private static final Pattern SETTING =
      Pattern.compile("(?:parameter|for) \"([A-Za-z_][A-Za-z0-9_.$]*)\"");
  private static final Pattern LIBRARY = Pattern.compile("could not access file \"([^\"]+)\"");
  private static final Pattern LAST_WORDS = Pattern.compile("(?:FATAL|PANIC):\\s+(.*)");

  private Diagnosis() {}

  static Optional<AgentException> of(InstanceSpec spec, List<String> log) {
    for (String line : log) {
      Matcher bind = IN_USE.matcher(line);
      if (bind.find()) {
        return Optional.of(portTaken(spec, bind.group(1), log));
      }
      Matcher setting = SETTING.matcher(line);
      if (setting.find() && spec.engineOptions().containsKey(setting.group(1))) {
        return Optional.of(badOption(setting.group(1), line, log));
      }
      boolean library =
          LIBRARY.matcher(line).find()
              && spec.engineOptions().containsKey("shared_preload_libraries");
      if (library) {
        return Optional.of(badOption("shared_preload_libraries", line, log));
      }
    }
    return lastWords(log)
        .map(words ->
            new AgentException(
                AgentError.INSTANCE_DIED,
                "instance '%s' ended while it started: %s".formatted(spec.id(), words),
                log));
  }

  private static Optional<String> lastWords(List<String> log) {
    Optional<String> fatal =
        log.reversed().stream()
            .map(LAST_WORDS::matcher)
            .filter(Matcher::find)
            .map(words -> words.group(1))
            .findFirst();
    return fatal.or(() ->
        log.reversed().stream().map(String::strip).filter(line -> !line.isEmpty()).findFirst());
  }

  private static AgentException portTaken(InstanceSpec spec, String why, List<String> log) {
    return new AgentException(
        AgentError.PORT_TAKEN,
        "cannot listen on %s port %d for instance '%s': %s"
            .formatted(spec.address(), spec.port(), spec.id(), why),
        log,
        Map.of("address", spec.address(), "port", Integer.toString(spec.port())),
        null);
  }

  private static AgentException badOption(String option, String line, List<String> log) {
    String words = line.replaceFirst("^.*?(?:LOG|FATAL|ERROR|WARNING):\\s+", "");
    return new AgentException(
        AgentError.ENGINE_OPTION_INVALID,
        "PostgreSQL refuses engine option '%s': %s".formatted(option, words),
        log,
        Map.of("option", option),
        null);
  }
}
