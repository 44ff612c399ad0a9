package dev.ramet.agent.server;

import java.util.function.IntUnaryOperator;

/** Cuts texts to what they cost in headers, between characters. */
final class HeaderBudget {
  private HeaderBudget() {}

  /** As much of its end as fits by UTF-8, the form of binary headers. */
  static String end(String text, int bytes) {
    int from = text.length();
    int spent = 0;
    while (from > 0) {
      int character = text.codePointBefore(from);
      spent += utf8(character);
      if (spent > bytes) {
        break;
      }
      from -= Character.charCount(character);
    }
    return text.substring(from);
  }

  /** As much of its beginning as fits with percent signs, the form of a status's message. */
  static String beginning(String text, int bytes) {
    int to = 0;
    int spent = 0;
    IntUnaryOperator cost =
        character -> character >= ' ' && character <= '~' && character != '%' ? 1 : 3;
    while (to < text.length()) {
      int character = text.codePointAt(to);
      spent += cost.applyAsInt(character) * utf8(character);
      if (spent > bytes) {
        break;
      }
      to += Character.charCount(character);
    }
    return text.substring(0, to);
  }

  private static int utf8(int character) {
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  }
}
