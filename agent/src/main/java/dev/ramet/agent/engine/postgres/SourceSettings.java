package dev.ramet.agent.engine.postgres;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings in the configuration files of a data directory, as guc-file.l does, and does
 * nothing of what they say. Files outside of the data directory are not looked at.
 */
final class SourceSettings {
  private static final int DEEPEST_INCLUDE = 10;
  private static final Pattern LINE =
      Pattern.compile(
          "\\s*([A-Za-z_][\\w$.]*)(?:\\s*=\\s*|\\s+)(?:'((?:[^'\\\\]|\\\\.|'')*)'|([^\\s#']+))\\s*(?:#.*)?");
  private static final Pattern ESCAPE = Pattern.compile("''|\\\\([0-7]{1,3}|.)");

  private final Path data;
  private final Map<String, String> settings = new HashMap<>();

  private SourceSettings(Path data) {
    this.data = data;
  }

  /** Name in small letters to value; the last of several counts. */
  static Map<String, String> of(Path data) {
    SourceSettings found = new SourceSettings(data);
    found.read(data.resolve("postgresql.conf"), 0);
    found.read(data.resolve("postgresql.auto.conf"), 0);
    return found.settings;
  }

  private void read(Path file, int depth) {
    for (String line : VolumePaths.lines(file)) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        continue;
      }
      String name = matcher.group(1).toLowerCase(Locale.ROOT);
      String value = matcher.group(2) == null ? matcher.group(3) : plain(matcher.group(2));
      if (value.chars().anyMatch(Character::isISOControl)) {
        continue;
      }
      switch (name) {
        case "include", "include_if_exists" ->
            include(file.resolveSibling(value).normalize(), depth);
        case "include_dir" -> includeAll(file.resolveSibling(value).normalize(), depth);
        default -> settings.put(name, value);
      }
    }
  }

  /** Of the data directory's own files only. */
  private void include(Path file, int depth) {
    boolean ofData =
        file.startsWith(data)
            && !file.equals(data)
            && VolumePaths.folder(data, data.relativize(file.getParent()).toString()).isPresent();
    if (ofData && depth < DEEPEST_INCLUDE) {
      read(file, depth + 1);
    }
  }

  private void includeAll(Path folder, int depth) {
    if (!folder.startsWith(data)) {
      return;
    }
    VolumePaths.folder(data, data.relativize(folder).toString())
        .map(VolumePaths::entries)
        .orElse(List.of())
        .stream()
        .filter(file -> file.toString().endsWith(".conf"))
        .filter(file -> !file.getFileName().toString().startsWith("."))
        .forEach(file -> include(file, depth));
  }

  private static String plain(String quoted) {
    return ESCAPE
        .matcher(quoted)
        .replaceAll(match -> Matcher.quoteReplacement(unescaped(match.group(1))));
  }

  private static String unescaped(@Nullable String escape) {
    if (escape == null) {
      return "'";
    }
    if (Character.isDigit(escape.charAt(0)) && escape.charAt(0) < '8') {
      return String.valueOf((char) Integer.parseInt(escape, 8));
    }
    return switch (escape) {
      case "b" -> "\b";
      case "f" -> "\f";
      case "n" -> "\n";
      case "r" -> "\r";
      case "t" -> "\t";
      default -> escape;
    };
  }
}
