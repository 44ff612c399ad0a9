package dev.ramet.coordinator.api;

import java.time.Duration;

/** Durations as users write them. */
final class Durations {
  private Durations() {}

  /** "1d12h", "30m", "45s"; parts that are nothing are left out. */
  static String text(Duration duration) {
    StringBuilder text = new StringBuilder();
    part(text, duration.toDays(), "d");
    part(text, duration.toHoursPart(), "h");
    part(text, duration.toMinutesPart(), "m");
    part(text, duration.toSecondsPart(), "s");
    return text.isEmpty() ? "0s" : text.toString();
  }

  private static void part(StringBuilder text, long count, String unit) {
    if (count > 0) {
      text.append(count).append(unit);
    }
  }
}
