package dev.ramet.coordinator.server;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.env.Environment;
import io.micronaut.context.env.PropertySource;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Refuses to start with a setting that does not exist: it would be a wish that nobody hears.
 *
 * <p>The environment may hold variables of other parts of Ramet, so of it only those of our own
 * sections are looked at.
 */
@Context
final class KnownSettings {
  private static final String PREFIX = "ramet.";

  private static final List<Class<? extends Record>> RECORDS =
      List.of(
          GrpcSettings.class,
          EtcdSettings.class,
          HostSettings.class,
          AgentSettings.class,
          PlacementSettings.class,
          ReconcilerSettings.class,
          LifetimeSettings.class,
          GrowthSettings.class);

  /** Placeholders in application.yml, not settings: by environment only. */
  private static final Map<String, List<String>> BY_ENVIRONMENT =
      Map.of("ramet.http", List.of("host", "port"));

  KnownSettings(Environment environment) {
    List<String> unknown = new ArrayList<>();
    for (PropertySource source : environment.getPropertySources()) {
      boolean variables =
          source.getConvention() == PropertySource.PropertyConvention.ENVIRONMENT_VARIABLE;
      for (String key : source) {
        (variables ? unknownVariable(key) : unknownKey(key)).ifPresent(unknown::add);
      }
    }
    if (!unknown.isEmpty()) {
      throw new StartupException(
          unknown.stream().sorted().distinct().collect(Collectors.joining("; ")),
          new IllegalArgumentException("unknown settings"));
    }
  }

  /** Section to the names in it: "ramet.grpc" to "host", "port". */
  static Map<String, SortedSet<String>> sections() {
    Map<String, SortedSet<String>> sections = new TreeMap<>();
    for (Class<? extends Record> settings : RECORDS) {
      SortedSet<String> names = new TreeSet<>();
      for (RecordComponent component : settings.getRecordComponents()) {
        names.add(hyphenated(component.getName()));
      }
      sections.put(settings.getAnnotation(ConfigurationProperties.class).value(), names);
    }
    return sections;
  }

  private static Optional<String> unknownKey(String key) {
    String plain = hyphenated(key.replaceAll("\\[\\d+]", ""));
    if (!plain.startsWith(PREFIX)) {
      return Optional.empty();
    }
    Map<String, SortedSet<String>> sections = sections();
    int dot = plain.lastIndexOf('.');
    SortedSet<String> names = sections.get(plain.substring(0, dot));
    if (names == null) {
      return Optional.of(
          "unknown setting %s: sections are %s"
              .formatted(key, String.join(", ", sections.keySet())));
    }
    return names.contains(plain.substring(dot + 1))
        ? Optional.empty()
        : Optional.of(
            "unknown setting %s: %s has %s"
                .formatted(key, plain.substring(0, dot), String.join(", ", names)));
  }

  private static Optional<String> unknownVariable(String variable) {
    Map<String, List<String>> sections = new TreeMap<>(BY_ENVIRONMENT);
    sections().forEach((section, names) -> sections.put(section, List.copyOf(names)));
    for (Map.Entry<String, List<String>> section : sections.entrySet()) {
      List<String> names =
          section.getValue().stream().map(name -> variable(section.getKey() + "." + name)).toList();
      if (variable.startsWith(variable(section.getKey()) + "_") && !names.contains(variable)) {
        return Optional.of(
            "unknown setting %s: there is %s".formatted(variable, String.join(", ", names)));
      }
    }
    return Optional.empty();
  }

  private static String variable(String key) {
    return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static String hyphenated(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
  }
}
