package dev.ramet.coordinator.names;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Volumes of an array that an image is built from: "san://lab/PROD-VOL".
 *
 * @param array the array's name
 * @param volumes by the array's own names
 */
public record SanSource(String array, List<String> volumes) {
  private static final String SCHEME = "san://";
  private static final Pattern GRAMMAR =
      Pattern.compile("san://([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/([^/+]+(?:\\+[^/+]+)*)");

  public SanSource {
    volumes = List.copyOf(volumes);
  }

  public static boolean is(String source) {
    return source.startsWith(SCHEME);
  }

  /** Empty: it is not one. */
  public static Optional<SanSource> parse(String source) {
    Matcher matcher = GRAMMAR.matcher(source);
    return matcher.matches()
        ? Optional.of(new SanSource(matcher.group(1), List.of(matcher.group(2).split("\\+"))))
        : Optional.empty();
  }
}
