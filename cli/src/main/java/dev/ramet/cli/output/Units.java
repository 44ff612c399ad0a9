package dev.ramet.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sizes, durations and ages as people write and read them. */
public final class Units {
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  private static final Pattern SIZE =
      Pattern.compile(
          "([0-9]{1,15}(?:\\.[0-9]{1,6})?) ?([KMGTP]?)(iB|B|)", Pattern.CASE_INSENSITIVE);
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}(ms|s|m|h|d))+|0");
  private static final Pattern DURATION_PART = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d|)");

  private Units() {}

  /** "1.5 GiB". */
  public static String size(long bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < BINARY.length - 1) {
      value /= 1024;
      unit++;
    }
    return decimal(value, unit > 0 && value < 100) + " " + BINARY[unit];
  }

  /** Empty for 0, which stands for "not known" or "no limit". */
  public static String sizeOrNothing(long bytes) {
    return bytes == 0 ? "" : size(bytes);
  }

  /**
   * "12.3", and "12" for 12.0; without {@link String#formatted}, whose start costs milliseconds.
   */
  private static String decimal(double value, boolean tenths) {
    long scaled = Math.round(tenths ? value * 10 : value);
    if (!tenths || scaled % 10 == 0) {
      return Long.toString(tenths ? scaled / 10 : scaled);
    }
    return scaled / 10 + "." + scaled % 10;
  }

  /**
   * Bytes of "20GiB", "20G" (the same), "20GB" (powers of 1000), "512B". A number needs its unit:
   * it is too easily meant in another.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static long parseSize(String text) {
    Matcher matcher = SIZE.matcher(text.strip());
    if (!matcher.matches() || (matcher.group(2) + matcher.group(3)).isEmpty()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no size with a unit: give for example 512MiB or 20GiB");
    }
    String prefix = matcher.group(2).toUpperCase(Locale.ROOT);
    boolean thousands = !prefix.isEmpty() && matcher.group(3).equalsIgnoreCase("B");
    int power = prefix.isEmpty() ? 0 : "KMGTP".indexOf(prefix) + 1;
    double bytes = Double.parseDouble(matcher.group(1)) * Math.pow(thousands ? 1000 : 1024, power);
    if (bytes > Long.MAX_VALUE / 2.0) {
      throw new IllegalArgumentException("\"" + text + "\" is too large a size");
    }
    return Math.round(bytes);
  }

  /**
   * "500ms", "30s", "5m", "2h", "1d12h", "0". A number needs its unit: it is too easily meant in
   * another.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no duration with a unit: give for example 500ms, 30s, 5m or 2h");
    }
    return DURATION_PART
        .matcher(text.strip())
        .results()
        .map(part -> of(Long.parseLong(part.group(1)), part.group(2)))
        .reduce(Duration.ZERO, Duration::plus);
  }

  /**
   * As {@link #parseDuration}, and not nothing.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Duration parsePositiveDuration(String text) {
    Duration length = parseDuration(text);
    if (length.isZero()) {
      throw new IllegalArgumentException("\"" + text + "\" is not longer than nothing");
    }
    return length;
  }

  /** As {@link #parseDuration} reads it: "3d", "1d12h"; empty for zero. */
  public static String length(Duration length) {
    StringBuilder text = new StringBuilder();
    part(text, length.toDays(), "d");
    part(text, length.toHoursPart(), "h");
    part(text, length.toMinutesPart(), "m");
    part(text, length.toSecondsPart(), "s");
    part(text, length.toMillisPart(), "ms");
    return text.toString();
  }

  private static void part(StringBuilder text, long count, String unit) {
    if (count > 0) {
      text.append(count).append(unit);
    }
  }

  private static Duration of(long number, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofSeconds(number);
    };
  }

  /** "3 ms", "1.2 s", "4m 10s", "2h 5m". */
  public static String elapsed(Duration time) {
    long millis = time.toMillis();
    if (millis < 1000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return decimal(millis / 1000.0, true) + " s";
    }
    return time.toHours() > 0
        ? time.toHours() + "h " + time.toMinutesPart() + "m"
        : time.toMinutes() + "m " + time.toSecondsPart() + "s";
  }

  /** "45s", "12m", "3h", "9d"; empty where the time is not known. */
  public static String age(@Nullable Instant since, Instant now) {
    if (since == null) {
      return "";
    }
    long seconds = Math.max(0, Duration.between(since, now).toSeconds());
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 7200) {
      return seconds / 60 + "m";
    }
    return seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }
}
