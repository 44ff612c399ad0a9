package dev.ramet.cli.output;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the same trees as {@link JsonWriter} as block-style YAML 1.2 that 1.1 readers agree on.
 */
public final class YamlWriter {
  /** Plain text that no YAML reader takes for anything but a string. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*");

  private static final Set<String> WORDS =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /** The tree as text, with a line break at the end. */
  public static String write(@Nullable Object tree) {
    YamlWriter writer = new YamlWriter();
    switch (tree) {
      case Map<?, ?> map when !map.isEmpty() -> writer.map(map, 0, false);
      case List<?> list when !list.isEmpty() -> writer.list(list, 0);
      case null, default -> writer.out.append(scalar(tree)).append('\n');
    }
    return writer.out.toString();
  }

  /** {@code inline}: the first key stands on the line that is already begun, after a dash. */
  private void map(Map<?, ?> map, int depth, boolean inline) {
    boolean begun = inline;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!begun) {
        indent(depth);
      }
      begun = false;
      out.append(scalar(String.valueOf(entry.getKey()))).append(':');
      switch (entry.getValue()) {
        case Map<?, ?> inner when !inner.isEmpty() -> {
          out.append('\n');
          map(inner, depth + 1, false);
        }
        case List<?> inner when !inner.isEmpty() -> {
          out.append('\n');
          list(inner, depth + 1);
        }
        case null, default -> out.append(' ').append(scalar(entry.getValue())).append('\n');
      }
    }
  }

  private void list(List<?> list, int depth) {
    for (Object item : list) {
      indent(depth);
      out.append("- ");
      switch (item) {
        case Map<?, ?> inner when !inner.isEmpty() -> map(inner, depth + 1, true);
        case List<?> inner when !inner.isEmpty() ->
            throw new IllegalArgumentException("a list in a list has no name");
        case null, default -> out.append(scalar(item)).append('\n');
      }
    }
  }

  private static String scalar(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text when isPlain(text) -> text;
      case String text -> JsonWriter.quote(text);
      case Number number -> number.toString();
      case Boolean bool -> bool.toString();
      case Map<?, ?> empty -> "{}";
      case List<?> empty -> "[]";
      default -> throw new IllegalArgumentException("no YAML for " + value.getClass());
    };
  }

  private static boolean isPlain(String text) {
    return PLAIN.matcher(text).matches()
        && !WORDS.contains(text.toLowerCase(java.util.Locale.ROOT));
  }

  private void indent(int depth) {
    out.append("  ".repeat(depth));
  }
}
