package dev.ramet.cli.output;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, lists, strings, numbers, booleans and nulls as RFC 8259 JSON, two spaces deep. */
public final class JsonWriter {
  private final StringBuilder out = new StringBuilder();
  private final boolean lines;

  private JsonWriter(boolean lines) {
    this.lines = lines;
  }

  /** The tree as text, with a line break at the end. */
  public static String write(@Nullable Object tree) {
    return write(tree, true);
  }

  /** The tree on one line, with a line break at its end only. */
  public static String writeLine(@Nullable Object tree) {
    return write(tree, false);
  }

  private static String write(@Nullable Object tree, boolean lines) {
    JsonWriter writer = new JsonWriter(lines);
    writer.value(tree, 0);
    return writer.out.append('\n').toString();
  }

  /** A string in quotes; also good as a double-quoted YAML scalar. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f || (Character.isSurrogate(c) && !paired(text, i))) {
            quoted.append("\\u").append(hex(c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  private static boolean paired(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }

  private static String hex(char c) {
    String digits = Integer.toHexString(c);
    return "0000".substring(digits.length()) + digits;
  }

  private void value(@Nullable Object value, int depth) {
    switch (value) {
      case null -> out.append("null");
      case String text -> out.append(quote(text));
      case Number number -> out.append(number);
      case Boolean bool -> out.append(bool.booleanValue());
      case Map<?, ?> map -> map(map, depth);
      case List<?> list -> list(list, depth);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private void map(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      newLine(depth + 1);
      out.append(quote(String.valueOf(entry.getKey()))).append(": ");
      value(entry.getValue(), depth + 1);
      out.append(entries.hasNext() ? "," : "");
    }
    newLine(depth);
    out.append('}');
  }

  private void list(List<?> list, int depth) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      newLine(depth + 1);
      value(list.get(i), depth + 1);
      out.append(i + 1 < list.size() ? "," : "");
    }
    newLine(depth);
    out.append(']');
  }

  private void newLine(int depth) {
    if (lines) {
      out.append('\n').append("  ".repeat(depth));
    }
  }
}
