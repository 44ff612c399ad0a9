package dev.ramet.agent.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How values are written. Every method throws IllegalArgumentException saying what is wrong. */
final class Grammar {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9.:-]{1,253}");
  private static final Pattern RUNTIME = Pattern.compile("docker|process");
  private static final Pattern ENDPOINT = Pattern.compile("(unix:///|tcp://)[^\\s,]+");
  private static final Pattern REGISTRY = Pattern.compile("([A-Za-z0-9._:-]+/)*");
  private static final Pattern IMAGE = Pattern.compile("[a-z0-9][a-z0-9._-]*:[A-Za-z0-9._-]+");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})([A-Za-z]*)");
  private static final Map<String, Long> BYTES =
      Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);
  private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1000L, "m", 60_000L);

  private Grammar() {}

  static String dnsLabel(String text) {
    return matching(text, DNS_LABEL, "a DNS label: 1 to 63 of a-z, 0-9 and '-'");
  }

  static String address(String text) {
    return matching(text, ADDRESS, "an address");
  }

  static String runtime(String text) {
    return matching(text, RUNTIME, "a runtime: docker or process");
  }

  static String dockerEndpoint(String text) {
    return matching(text, ENDPOINT, "unix:///PATH or tcp://HOST:PORT");
  }

  static String registryPrefix(String text) {
    return matching(text, REGISTRY, "a prefix of image names, ending in '/'");
  }

  static String image(String text) {
    return matching(text, IMAGE, "an image such as postgres:15");
  }

  static String user(String text) {
    return matching(text, USER, "a user's name");
  }

  static Optional<Path> optionalPath(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(absolutePath(text));
  }

  static Path absolutePath(String text) {
    try {
      Path path = Path.of(text).normalize();
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'%s' is not a path".formatted(text), e);
    }
    throw new IllegalArgumentException("'%s' is not an absolute path".formatted(text));
  }

  static long bytes(String text) {
    long bytes = scaled(text, BYTES, "a size such as 40GiB");
    if (bytes <= 0) {
      throw new IllegalArgumentException("a size must be greater than 0");
    }
    return bytes;
  }

  static int controlPort(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "'%s' is not a number from 0 to %d".formatted(text, Short.MAX_VALUE));
    }
    return Integer.parseInt(text);
  }

  static Duration duration(String text) {
    return Duration.ofMillis(scaled(text, MILLIS, "a time such as 500ms, 5s or 1m"));
  }

  private static String matching(String text, Pattern pattern, String wanted) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("'%s' is not %s".formatted(text, wanted));
    }
    return text;
  }

  private static long scaled(String text, Map<String, Long> units, String wanted) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("'%s' is not %s".formatted(text, wanted));
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'%s' is too large".formatted(text), e);
    }
  }
}
