package dev.ramet.coordinator.names;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A reference to a save as users write it: {@code clone@save}. */
public record SaveName(String owner, String save) {
  private static final Pattern PATTERN =
      Pattern.compile("(?<clone>%s)@(?<save>%s)".formatted(DnsLabel.GRAMMAR, DnsLabel.GRAMMAR));

  public static Optional<SaveName> parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    return matcher.matches()
        ? Optional.of(new SaveName(matcher.group("clone"), matcher.group("save")))
        : Optional.empty();
  }

  public String text() {
    return owner + "@" + save;
  }
}
