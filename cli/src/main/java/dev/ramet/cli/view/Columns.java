package dev.ramet.cli.view;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Columns of lines that come one by one, so that their widths are not known before. */
final class Columns {
  private static final int TIME_WIDTH = 20;

  private Columns() {}

  /** Seconds in UTC; a dash where it is not known. */
  static String time(@Nullable Instant time) {
    return padded(time == null ? "-" : time.truncatedTo(ChronoUnit.SECONDS).toString(), TIME_WIDTH);
  }

  /** At least so wide, and two spaces. */
  static String padded(String text, int width) {
    String clean = clean(text);
    return clean + " ".repeat(Math.max(0, width - clean.length()) + 2);
  }

  static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
