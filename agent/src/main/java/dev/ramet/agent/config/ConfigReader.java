package dev.ramet.agent.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns written settings into values and collects every fault on the way. */
final class ConfigReader {
  private final Map<String, String> settings;
  private final List<String> faults = new ArrayList<>();

  ConfigReader(Map<String, String> settings) {
    this.settings = new TreeMap<>(settings);
    for (String written : this.settings.keySet()) {
      if (ConfigKey.find(written).isEmpty()) {
        faults.add(
            "'%s' is not a known key; known are %s"
                .formatted(written, String.join(", ", ConfigKey.texts())));
      }
    }
  }

  <T> T value(ConfigKey key, Function<String, T> parse) {
    return parsed(key.text(), key, parse);
  }

  <T> List<T> list(ConfigKey key, Function<String, T> parse) {
    List<T> parsed =
        value(
            key,
            text ->
                Arrays.stream(text.split(",", -1))
                    .map(String::strip)
                    .filter(part -> !part.isEmpty())
                    .map(parse)
                    .toList());
    return Optional.ofNullable(parsed).orElse(List.of());
  }

  List<PoolConfig> pools() {
    SortedSet<String> names = new TreeSet<>();
    for (ConfigKey key : List.of(ConfigKey.POOL_DIR, ConfigKey.POOL_DRIVER, ConfigKey.POOL_SIZE)) {
      names.addAll(namesOf(key));
    }
    if (names.isEmpty()) {
      faults.add("no pool is configured: set pool.<name>.dir");
    }
    List<PoolConfig> pools = names.stream().map(this::pool).toList();
    refuseSharedDirectories(pools);
    return pools;
  }

  Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    for (String name : namesOf(ConfigKey.LABEL)) {
      labels.put(name, settings.getOrDefault(ConfigKey.LABEL.of(name), ""));
    }
    return labels;
  }

  void throwIfFaulty() {
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
  }

  private PoolConfig pool(String name) {
    Path dir = parsed(ConfigKey.POOL_DIR.of(name), ConfigKey.POOL_DIR, Grammar::absolutePath);
    String driver =
        parsed(ConfigKey.POOL_DRIVER.of(name), ConfigKey.POOL_DRIVER, Grammar::dnsLabel);
    Long size = parsed(ConfigKey.POOL_SIZE.of(name), ConfigKey.POOL_SIZE, Grammar::bytes);
    return new PoolConfig(name, dir, driver, faults.isEmpty() ? size : 0);
  }

  private void refuseSharedDirectories(List<PoolConfig> pools) {
    for (int i = 0; i < pools.size(); i++) {
      for (int j = i + 1; j < pools.size() && faults.isEmpty(); j++) {
        if (pools.get(i).dir().equals(pools.get(j).dir())) {
          faults.add(
              "the pools '%s' and '%s' have the same directory %s"
                  .formatted(pools.get(i).name(), pools.get(j).name(), pools.get(i).dir()));
        }
      }
    }
  }

  private List<String> namesOf(ConfigKey key) {
    return settings.keySet().stream().flatMap(written -> key.nameIn(written).stream()).toList();
  }

  /** Null only where a fault was noted, so that {@link #throwIfFaulty} keeps it from being seen. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private <T> T parsed(String written, ConfigKey key, Function<String, T> parse) {
    @Nullable String text = settings.get(written);
    if (text == null) {
      text = key.fallback().orElse(null);
    }
    if (text == null) {
      faults.add("%s is missing: %s".formatted(written, key.description()));
      return null;
    }
    try {
      return parse.apply(text.strip());
    } catch (IllegalArgumentException e) {
      faults.add("%s: %s".formatted(written, e.getMessage()));
      return null;
    }
  }
}
