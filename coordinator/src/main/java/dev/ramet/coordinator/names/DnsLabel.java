package dev.ramet.coordinator.names;

import java.util.Optional;
import java.util.regex.Pattern;

/** The one grammar of names: a DNS label (RFC 1123), 1 to 63 of a-z, 0-9 and '-'. */
public final class DnsLabel {
  static final String GRAMMAR = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final Pattern PATTERN = Pattern.compile(GRAMMAR);
  private static final int SHOWN = 80;

  private DnsLabel() {}

  public static boolean isValid(String name) {
    return PATTERN.matcher(name).matches();
  }

  /** What is wrong with a name, in words for its user; empty where it is fine. */
  public static Optional<String> problem(String name) {
    if (isValid(name)) {
      return Optional.empty();
    }
    if (name.isEmpty()) {
      return Optional.of("is missing");
    }
    return Optional.of(
        "%s is not a name: 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit"
            .formatted(quote(name)));
  }

  /** A name given by somebody else, safe to print in one line. */
  public static String quote(String text) {
    StringBuilder safe = new StringBuilder("'");
    text.codePoints()
        .limit(SHOWN)
        .forEach(c -> safe.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return safe.append(text.length() > SHOWN ? "...'" : "'").toString();
  }
}
