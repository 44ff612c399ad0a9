package dev.ramet.agent.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports that clones of this host may use.
 *
 * @param first lowest, included
 * @param last highest, included
 */
public record PortRange(int first, int last) {
  private static final Pattern GRAMMAR = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

  /** Refuses an empty range and what is no port. */
  public PortRange {
    if (first < 1 || last > 65535 || first > last) {
      throw new IllegalArgumentException(
          "%d-%d is not a range of ports within 1 to 65535".formatted(first, last));
    }
  }

  /**
   * Reads "15000-15999".
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static PortRange parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'%s' is not FIRST-LAST".formatted(text));
    }
    return new PortRange(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Whether the port belongs to it. */
  public boolean contains(int port) {
    return first <= port && port <= last;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }
}
