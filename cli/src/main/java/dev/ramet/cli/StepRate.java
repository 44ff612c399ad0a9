package dev.ramet.cli;

import dev.ramet.cli.output.Units;
import dev.ramet.client.Step;

/** Bytes of a running step, and how fast they come: an average that forgets after some seconds. */
final class StepRate {
  private static final double WINDOW_SECONDS = 5;

  private String step = "";
  private long bytes;
  private long at;
  private double perSecond;

  /**
   * " 1.2 GiB of 3.4 GiB, 210 MiB/s", or nothing where no bytes are known.
   *
   * @param time by a clock that only goes on, nanoseconds
   */
  String of(Step now, long time) {
    if (now.bytesDone() == 0) {
      return "";
    }
    observe(now, time);
    String total = now.bytesTotal() > 0 ? " of " + Units.size(now.bytesTotal()) : "";
    String speed = perSecond >= 1 ? ", " + Units.size((long) perSecond) + "/s" : "";
    return " " + Units.size(now.bytesDone()) + total + speed;
  }

  private void observe(Step now, long time) {
    if (!step.equals(now.name())) {
      step = now.name();
      double seconds = now.elapsed().toMillis() / 1000.0;
      perSecond = seconds > 0.5 ? now.bytesDone() / seconds : 0;
    } else if (time > at && now.bytesDone() >= bytes) {
      double seconds = (time - at) / 1e9;
      double weight = Math.min(1, seconds / WINDOW_SECONDS);
      perSecond += weight * ((now.bytesDone() - bytes) / seconds - perSecond);
    }
    bytes = now.bytesDone();
    at = time;
  }
}
