package dev.ramet.coordinator.names;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reference to an image as users write it: {@code app} or {@code app:7}.
 *
 * @param number empty: the latest READY revision
 */
public record RevisionName(String image, OptionalLong number) {
  private static final Pattern PATTERN =
      Pattern.compile("(?<image>" + DnsLabel.GRAMMAR + ")(:(?<number>[1-9][0-9]{0,11}))?");

  public static Optional<RevisionName> parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String number = matcher.group("number");
    return Optional.of(
        new RevisionName(
            matcher.group("image"),
            number == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(number))));
  }
}
